/* The rows of Huckleberry: the header is given, so that every byte reaches the importer. */
#include "tests/fuzz/import_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_import_rows("Type,Start,End,Duration,Start Condition,Start Location,End Condition,Notes\n", data, size);
}
