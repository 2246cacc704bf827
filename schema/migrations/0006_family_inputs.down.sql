-- loses: measurements, child_marks, birth_terms, delivery_times, prediction_records
DROP TABLE prediction_records;
DROP TABLE delivery_times;
DROP TABLE birth_terms;
DROP TABLE child_marks;
DROP TABLE measurements;
