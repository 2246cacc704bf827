-- loses: client_mutations
DROP TABLE client_mutations;
