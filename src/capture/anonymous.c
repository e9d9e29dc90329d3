/* SPDX-License-Identifier: MIT */
#include "capture/anonymous.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "base/str.h"
#include "base/utf.h"
#include "platform/fs.h"
#include "platform/random.h"
#include "platform/text.h"

#include <string.h>

#define SECRET_FILE "anonymous.key"

enum { WORD_BYTES = 5, HEX_LENGTH = 32 };

/* ---- the secret ---- */

static bool read_secret(const char *path, Arena *arena, unsigned char secret[HASH_SIZE], Error *err)
{
    char *data;
    size_t size;
    if (!fs_read_file(path, HASH_SIZE, arena, &data, &size, err))
        return false;
    if (size != HASH_SIZE) {
        (void) error_set(err, ERR_INVALID, "'%s' is no secret of %d bytes", path, HASH_SIZE);
        return error_hint(err, "remove it; captures from before compare with later ones no more then");
    }
    memcpy(secret, data, HASH_SIZE);
    return true;
}

/* Of two that begin at the same time, both take the one that is there in the end. */
static bool make_secret(const char *folder, const char *path, Error *err)
{
    unsigned char secret[HASH_SIZE];
    FsLock *lock = NULL;
    Arena scratch = ARENA_INIT;
    bool ok = fs_make_folders(folder, FS_PRIVATE, err) &&
              fs_lock_wait(arena_printf(&scratch, "%s.lock", path), FS_PRIVATE, NULL, &lock, err);
    if (ok && !fs_exists(path)) {
        random_bytes(secret, sizeof(secret));
        ok = fs_replace_file(path, secret, sizeof(secret), FS_PRIVATE, err);
    }
    fs_unlock(lock);
    arena_release(&scratch);
    return ok;
}

bool anonymous_open(const char *folder, bool only_look, Anonymous *ret_anonymous, Error *err)
{
    Arena scratch = ARENA_INIT;
    Anonymous anonymous = { .host = "" };
    const char *path = fs_join(&scratch, folder, SECRET_FILE);
    bool ok = hash_create(&anonymous.hash, err);
    if (ok && only_look && !fs_exists(path))
        random_bytes(anonymous.secret, sizeof(anonymous.secret));
    else if (ok)
        ok = (fs_exists(path) || make_secret(folder, path, err)) &&
             read_secret(path, &scratch, anonymous.secret, err);
    arena_release(&scratch);
    if (!ok) {
        hash_destroy(anonymous.hash);
        return false;
    }
    *ret_anonymous = anonymous;
    return true;
}

void anonymous_close(Anonymous *anonymous)
{
    hash_destroy(anonymous->hash);
    *anonymous = (Anonymous){ .hash = NULL };
}

/* Without regard to letter case in any script, as names are compared. */
static void digest_of(const Anonymous *anonymous, const char *text, unsigned char digest[HASH_SIZE])
{
    Str folded;
    char buffer[4];
    size_t size = strlen(text);
    str_init(&folded, SIZE_MAX);
    for (size_t at = 0; at < size;) {
        size_t count = utf8_encode(text_upcase(utf8_next(text, size, &at)), buffer);
        str_append_bytes(&folded, buffer, count);
    }
    hash_hmac(anonymous->hash, anonymous->secret, str_text(&folded), folded.length, digest);
    str_release(&folded);
}

/* ---- single things ---- */

const char *anonymous_word(const Anonymous *anonymous, const char *prefix, const char *text, Arena *arena)
{
    unsigned char digest[HASH_SIZE];
    char hex[HASH_TEXT_LENGTH + 1];
    digest_of(anonymous, text, digest);
    hash_format(digest, hex);
    return arena_printf(arena, "%s-%.*s", prefix, 2 * WORD_BYTES, hex);
}

static bool is_well_known(const char *guid)
{
    static const char *const known[] = {
        "064092B3-625E-43BF-9EB5-DC845897DD59", /* interface of partitionable GPUs */
        "4D36E968-E325-11CE-BFC1-08002BE10318", /* setup class Display */
        "F01A9D53-3FF6-48D2-9F97-C8A7004BE10C", /* ComputeAccelerator */
        "9F8233AC-BE49-4C79-8EE3-E7E1985B2077", /* integration components: shutdown */
        "84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47", /* heartbeat */
        "2A34B1C2-FD73-4043-8A5B-DD2159BC743F", /* data exchange */
        "6C09BB55-D683-4DA0-8931-C9BF705F6480", /* guest service interface */
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (ascii_ncasecmp(known[i], guid, GUID_TEXT_LENGTH) == 0)
            return true;
    }
    return false;
}

static bool has_lower(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] >= 'a' && text[i] <= 'z')
            return true;
    }
    return false;
}

/* "length" digits of the text's digest, in the letter case that it has. */
static char *digits_for(const Anonymous *anonymous, const char *text, size_t length, Arena *arena)
{
    unsigned char digest[HASH_SIZE];
    char *hex = arena_alloc(arena, HASH_TEXT_LENGTH + 1);
    digest_of(anonymous, arena_strndup(arena, text, length), digest);
    hash_format(digest, hex);
    for (char *c = hex; !has_lower(text, length) && *c != '\0'; c++)
        *c = ascii_upper(*c);
    return hex;
}

const char *anonymous_guid(const Anonymous *anonymous, const char *guid, Arena *arena)
{
    if (is_well_known(guid))
        return arena_strndup(arena, guid, GUID_TEXT_LENGTH);
    const char *hex = digits_for(anonymous, guid, GUID_TEXT_LENGTH, arena);
    return arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

const char *anonymous_computer(const Anonymous *anonymous, const char *name, Arena *arena)
{
    char *word = arena_strdup(arena, anonymous_word(anonymous, "HOST", name, arena));
    for (char *c = word; *c != '\0'; c++)
        *c = ascii_upper(*c);
    return word;
}

static bool is_word_end(char c)
{
    return !ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-';
}

static size_t hex_run(const char *text)
{
    size_t length = 0;
    while (ascii_is_xdigit(text[length]))
        length++;
    return length;
}

const char *anonymous_ids(const Anonymous *anonymous, const char *text, Arena *arena)
{
    Str out;
    str_init(&out, SIZE_MAX);
    for (const char *at = text; *at != '\0';) {
        bool is_start = at == text || is_word_end(at[-1]);
        if (is_start && guid_is_prefix(at)) {
            str_append(&out, anonymous_guid(anonymous, at, arena));
            at += GUID_TEXT_LENGTH;
        } else if (is_start && hex_run(at) == HEX_LENGTH && is_word_end(at[HEX_LENGTH])) {
            str_append_bytes(&out, digits_for(anonymous, at, HEX_LENGTH, arena), HEX_LENGTH);
            at += HEX_LENGTH;
        } else {
            str_append_char(&out, *at++);
        }
    }
    return str_take(&out, arena);
}

const char *anonymous_parts(Parts *parts, const char *text, Arena *arena)
{
    Str out;
    str_init(&out, SIZE_MAX);
    for (;; text++) {
        size_t length = strcspn(text, parts->separators);
        str_append(&out, parts->replace(parts, arena_strndup(arena, text, length), arena));
        text += length;
        if (*text == '\0')
            return str_take(&out, arena);
        str_append_char(&out, *text);
    }
}

/* ---- paths of files ---- */

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ascii_equals(words[i], text))
            return true;
    }
    return false;
}

/* With Hyper-V's own ending it is known what the file is. */
static const char *ending_of(const char *name)
{
    static const char *const endings[] = { "vhdx", "avhdx", "vhd", "avhd", "vhds", "iso", "vmcx", "vmrs", "vmgs" };
    const char *dot = strrchr(name, '.');
    return dot != NULL && is_one_of(dot + 1, endings, COUNT_OF(endings)) ? dot : name + strlen(name);
}

/* A GUID may stand at its end: "disk_<GUID>.avhdx". */
static const char *path_part(const Anonymous *anonymous, const char *part, Arena *arena)
{
    const char *ending = ending_of(part);
    size_t length = (size_t) (ending - part);
    const char *stem = arena_strndup(arena, part, length);
    const char *guid = length >= GUID_TEXT_LENGTH ? stem + length - GUID_TEXT_LENGTH : NULL;
    if (guid == NULL || !guid_is_valid(guid))
        return arena_printf(arena, "%s%s", anonymous_word(anonymous, "path", stem, arena), ending);
    bool has_bar = guid > stem && guid[-1] == '_';
    const char *before = arena_strndup(arena, stem, (size_t) (guid - stem) - has_bar);
    return arena_printf(arena, "%s%s%s%s", *before != '\0' ? anonymous_word(anonymous, "path", before, arena) : "",
                        has_bar ? "_" : "", anonymous_guid(anonymous, guid, arena), ending);
}

static bool stays(const char *part)
{
    static const char *const folders[] = {
        "", "?", ".", "ClusterStorage", "Hyper-V", "Microsoft", "Program Files", "ProgramData", "Public", "Documents",
        "Snapshots", "SystemRoot", "Virtual Hard Disks", "Virtual Machines", "Users", "Windows",
    };
    bool is_drive = ascii_is_alpha(part[0]) && strcmp(part + 1, ":") == 0;
    return is_drive || is_one_of(part, folders, COUNT_OF(folders));
}

/* The part, of those that begin the path of one: what Windows keeps in its own folder is Microsoft's and the makers' of
 * drivers, and tells of nobody. */
static bool leads_to_system(const char *part, bool is_in_windows)
{
    static const char *const windows[] = { "Windows", "SystemRoot" };
    static const char *const system[] = { "System32", "SysWOW64", "SyChpe32", "INF" };
    return is_in_windows ? is_one_of(part, system, COUNT_OF(system)) : is_one_of(part, windows, COUNT_OF(windows));
}

typedef struct PathParts {
    Parts parts; /* first: anonymous_parts() hands it back */
    bool is_in_windows, is_in_system;
} PathParts;

static const char *replace_folder(Parts *parts, const char *part, Arena *arena)
{
    PathParts *path = (PathParts *) parts;
    bool leads = leads_to_system(part, path->is_in_windows);
    path->is_in_system = (path->is_in_system && strcmp(part, "..") != 0) || (path->is_in_windows && leads);
    bool is_kept = path->is_in_system || leads || stays(part);
    path->is_in_windows = !path->is_in_windows && leads;
    return is_kept ? part : path_part(parts->anonymous, part, arena);
}

const char *anonymous_path(const Anonymous *anonymous, const char *path, Arena *arena)
{
    PathParts parts = { .parts = { replace_folder, anonymous, "\\/" } };
    return anonymous_parts(&parts.parts, path, arena);
}

/* ---- devices ---- */

static const char *after_enumerator(const char *id)
{
    static const char *const enumerators[] = { "PCI", "PCIP", "ACPI", "ROOT", "SWD", "USB", "VMBUS", "HID", "SCSI" };
    for (size_t i = 0; i < COUNT_OF(enumerators); i++) {
        size_t length = strlen(enumerators[i]);
        if (ascii_starts_with(id, enumerators[i]) && (id[length] == '\\' || id[length] == '#'))
            return id + length + 1;
    }
    return NULL;
}

/* "VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1" */
static bool is_model(const char *text, size_t length)
{
    return length > 0 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_&.-") >= length;
}

/* Nothing, or the interface of a path: "#{<GUID>}\GPUPARAV" */
static bool ends_device(const char *text)
{
    enum { TAIL_MAX = 12 };
    if (*text == '\0')
        return true;
    if (text[0] != '#' || text[1] != '{' || !guid_is_prefix(text + 2) || text[2 + GUID_TEXT_LENGTH] != '}')
        return false;
    const char *tail = text + 3 + GUID_TEXT_LENGTH;
    return *tail == '\0' || (*tail == '\\' && strlen(tail) <= TAIL_MAX);
}

const char *anonymous_device(const Anonymous *anonymous, const char *id, Arena *arena)
{
    static const char prefix[] = "\\\\?\\";
    const char *start = ascii_starts_with(id, prefix) ? id + strlen(prefix) : id;
    const char *model = after_enumerator(start);
    const char *instance = model != NULL ? strpbrk(model, "\\#") : NULL;
    if (instance == NULL)
        return NULL;
    instance++;
    size_t length = strcspn(instance, "\\#");
    if (!is_model(model, (size_t) (instance - model) - 1) || !ends_device(instance + length))
        return NULL;
    const char *hex = digits_for(anonymous, instance, length, arena);
    char *own = arena_printf(arena, "6&%.8s&0&%.4s", hex, hex + 8);
    for (char *c = own; *c != '\0'; c++)
        *c = ascii_lower(*c);
    return arena_printf(arena, "%.*s%s%s", (int) (instance - id), id, own,
                        anonymous_ids(anonymous, instance + length, arena));
}
