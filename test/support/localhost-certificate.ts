/**
 * A certificate of localhost and 127.0.0.1 that nobody trusts, with its key: good for a hundred years from November 2026,
 * and for nothing but tests.
 */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUTtpnXyDhJ+ZMq6qnURRPbe6uEswwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE4NTAzM1oYDzIxMjYxMDI5
MTg1MDMzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARMl4nwqja4UCWQHgVcGbprybuen2j+8uNH4fm7pv33W8be+n9uZLqs
qx1bXrGYd8Neg6j1iQYulOUDycVbl/TXo28wbTAdBgNVHQ4EFgQUDwq9mvjapoRr
WU6NBq0+4WRjL2QwHwYDVR0jBBgwFoAUDwq9mvjapoRrWU6NBq0+4WRjL2QwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAJIlShFofK8Ioyj3eiMXoShNU39S5aZS6GvnOopZAMxBAiAy
2KduCUJDMpzyZCuzDicVXbpgSl893EzAgedtledlog==
-----END CERTIFICATE-----
`

export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaAzcG3ORiRzo+mMM
hgZ/kSxqDCUVRaF5tm5qeNnnTXKhRANCAARMl4nwqja4UCWQHgVcGbprybuen2j+
8uNH4fm7pv33W8be+n9uZLqsqx1bXrGYd8Neg6j1iQYulOUDycVbl/TX
-----END PRIVATE KEY-----
`
