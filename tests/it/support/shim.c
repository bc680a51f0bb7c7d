/* A disk that fails or hangs: preloaded into the server, it stands before fdatasync.
 *
 * The file named by DISK_SHIM says what is done to files whose path contains one of some words: "hang WORD..." or
 * "fail WORD...". It is read at every call, and again and again by a call that hangs; without the file all is well. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int told(const char *verb, const char *path) {
    const char *control = getenv("DISK_SHIM");
    char text[256], *rest = text;
    int file = control ? open(control, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = 0;
    char *word = strtok_r(text, " ", &rest);
    if (!word || strcmp(word, verb) != 0) return 0;
    while ((word = strtok_r(NULL, " ", &rest)))
        if (strstr(path, word)) return 1;
    return 0;
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    while (told("hang", path)) nanosleep(&(struct timespec){0, 20000000}, NULL);
    if (told("fail", path)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}
