-- loses: pairing, sessions
DROP TABLE sessions;
DROP TABLE pairing;
