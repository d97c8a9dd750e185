-- Runs once, in an empty volume. The database `storepulse` is there already and belongs to whoever processes the topics;
-- this one belongs to the Spark job, so that neither writes over the other.
CREATE DATABASE spark;
