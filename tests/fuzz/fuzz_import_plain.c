/* The rows of the plain form: the header is given, so that every byte reaches the importer. */
#include "tests/fuzz/import_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_import_rows("date,time,type\n", data, size);
}
