/* embed.c: build-time helper: a file as a constant array. embed OUT NAME FILE */
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 4) {
        return 64;
    }
    FILE *in = fopen(argv[3], "rb");
    FILE *out = fopen(argv[1], "wb");
    if (in == NULL || out == NULL) {
        perror(argv[in == NULL ? 3 : 1]);
        return 74;
    }
    fprintf(out, "#include \"tui/cli/demo.h\"\nconst unsigned char %s[] = {", argv[2]);
    int c;
    size_t n = 0;
    while ((c = getc(in)) != EOF) {
        fprintf(out, "%s%d,", n++ % 20 == 0 ? "\n" : "", c);
    }
    fprintf(out, "0};\nconst size_t %s_bytes = %zu;\n", argv[2], n);
    return fclose(in) == 0 && fclose(out) == 0 ? 0 : 74;
}
