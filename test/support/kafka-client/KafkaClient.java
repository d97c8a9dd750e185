import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka's own client, one command a line with tabs between words; each is answered by a line `ok …` or `error …`. */
public class KafkaClient {
  private static final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
  private static String brokers;
  private static KafkaProducer<byte[], byte[]> producer;
  private static Admin admin;

  public static void main(String[] args) throws Exception {
    brokers = args[0];
    admin = Admin.create(Map.of("bootstrap.servers", brokers));
    System.out.println("ok");
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      try {
        System.out.println("ok\t" + run(line.split("\t", -1)));
      } catch (Exception error) {
        System.out.println("error\t" + String.valueOf(error).replace('\n', ' '));
      }
    }
    System.exit(0);
  }

  private static String run(String[] words) throws Exception {
    switch (words[0]) {
      case "topic": // name, partitions, settings
        var topic = new NewTopic(words[1], Integer.parseInt(words[2]), (short) 1).configs(pairs(words, 3));
        admin.createTopics(List.of(topic)).all().get();
        return "";
      case "delete":
        admin.deleteTopics(List.of(words[1])).all().get();
        return "";
      case "partitions": // name, new number
        admin.createPartitions(Map.of(words[1], NewPartitions.increaseTo(Integer.parseInt(words[2])))).all().get();
        return "";
      case "delete-records": // name, partition, offset
        var place = new TopicPartition(words[1], Integer.parseInt(words[2]));
        admin.deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(Long.parseLong(words[3])))).all().get();
        return "";
      case "producer": // compression, transactional id or nothing, settings
        producer = producers.computeIfAbsent(String.join(" ", words), name -> open(words));
        return "";
      case "send": // name, partition, key, value, headers
        var record = new ProducerRecord<>(words[1], Integer.valueOf(words[2]), bytes(words[3]), bytes(words[4]));
        pairs(words, 5).forEach((key, value) -> record.headers().add(new RecordHeader(key, bytes(value))));
        return "" + producer.send(record).get().offset();
      case "send-many": // name, partition, number, value before its number
        for (int index = 0; index < Integer.parseInt(words[3]); index++) {
          var bytes = bytes(words[4] + index);
          producer.send(new ProducerRecord<>(words[1], Integer.valueOf(words[2]), bytes, bytes));
        }
        producer.flush();
        return "";
      case "begin":
        producer.beginTransaction();
        return "";
      case "commit":
        producer.commitTransaction();
        return "";
      case "abort":
        producer.abortTransaction();
        return "";
      case "groups":
        return "" + new TreeSet<>(admin.listGroups().all().get().stream().map(GroupListing::groupId).toList());
      case "offsets": // group
        var offsets = new TreeMap<String, Long>();
        admin.listConsumerGroupOffsets(words[1]).partitionsToOffsetAndMetadata().get()
            .forEach((partition, offset) -> offsets.put(partition.toString(), offset.offset()));
        return "" + offsets;
      default:
        throw new IllegalArgumentException("no such command");
    }
  }

  private static KafkaProducer<byte[], byte[]> open(String[] words) {
    var settings = new HashMap<String, Object>(pairs(words, 3));
    settings.put("bootstrap.servers", brokers);
    settings.put("compression.type", words[1]);
    settings.put("linger.ms", 5);
    if (!words[2].isEmpty()) settings.put("transactional.id", words[2]);
    var made = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    if (!words[2].isEmpty()) made.initTransactions();
    return made;
  }

  private static byte[] bytes(String text) {
    return text.equals("<null>") ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, String> pairs(String[] words, int from) {
    var found = new LinkedHashMap<String, String>();
    for (int index = from; index < words.length; index++) {
      var at = words[index].indexOf('=');
      found.put(words[index].substring(0, at), words[index].substring(at + 1));
    }
    return found;
  }
}
