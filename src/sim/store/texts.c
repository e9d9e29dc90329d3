/* SPDX-License-Identifier: MIT */
/* Texts of the simulated host. English ones as users quote them in public reports of real hosts, where there are
 * any. */
#include "sim/store/texts.h"

#include "base/check.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

#define ID " (Virtual machine ID {id})"
#define ID_DE " (ID des virtuellen Computers {id})"

static const char *const texts[SIM_TEXT_COUNT][2] = {
    [SIM_TEXT_STATUS_OK] = { "Operating normally", "Normaler Betrieb" },
    [SIM_TEXT_STATUS_CREATING_CHECKPOINT] = { "Creating checkpoint", "Prüfpunkt wird erstellt" },
    [SIM_TEXT_STATUS_APPLYING_CHECKPOINT] = { "Applying checkpoint", "Prüfpunkt wird angewendet" },
    [SIM_TEXT_STATUS_DELETING_CHECKPOINT] = { "Deleting checkpoint", "Prüfpunkt wird gelöscht" },
    [SIM_TEXT_STATUS_MERGING_DISKS] = { "Merging disks", "Datenträger werden zusammengeführt" },
    [SIM_TEXT_JOB_RUNNING] = { "Job is running", "Auftrag wird ausgeführt" },
    [SIM_TEXT_JOB_COMPLETED] = { "The job completed successfully", "Der Auftrag wurde erfolgreich abgeschlossen" },
    [SIM_TEXT_JOB_FAILED] = { "The job completed with an error", "Der Auftrag wurde mit einem Fehler beendet" },
    /* Unverified: no report quotes a job that completed with warnings. */
    [SIM_TEXT_JOB_WARNED] = { "The job completed with warnings.", "Der Auftrag wurde mit Warnungen abgeschlossen." },
    [SIM_TEXT_JOB_WARNING] = { "The operation was completed, but the configuration could not be written to its second "
                               "place. (0x80070020)",
                               "Der Vorgang wurde abgeschlossen, aber die Konfiguration konnte nicht an ihren zweiten "
                               "Ort geschrieben werden. (0x80070020)" },
    [SIM_TEXT_CHECKPOINT_FAILED] = { "Checkpoint operation failed.", "Fehler beim Prüfpunktvorgang." },
    /* Unverified: no report quotes how an application fails. */
    [SIM_TEXT_APPLY_FAILED] = { "'{vm}' failed to apply the checkpoint." ID,
                                "Fehler beim Anwenden des Prüfpunkts auf '{vm}'." ID_DE },
    [SIM_TEXT_START_FAILED] = { "'{vm}' failed to start." ID, "Fehler beim Starten von '{vm}'." ID_DE },
    [SIM_TEXT_SAVE_FAILED] = { "'{vm}' failed to save." ID, "Fehler beim Speichern von '{vm}'." ID_DE },
    [SIM_TEXT_ADD_FAILED] = { "'{vm}' failed to add device '{detail}'." ID,
                              "Fehler beim Hinzufügen des Geräts '{detail}' zu '{vm}'." ID_DE },
    [SIM_TEXT_MODIFY_FAILED] = { "'{vm}' failed to modify device '{detail}'." ID,
                                 "Fehler beim Ändern des Geräts '{detail}' von '{vm}'." ID_DE },
    [SIM_TEXT_REMOVE_FAILED] = { "'{vm}' failed to remove device '{detail}'." ID,
                                 "Fehler beim Entfernen des Geräts '{detail}' von '{vm}'." ID_DE },
    [SIM_TEXT_SETTINGS_FAILED] = { "'{vm}' failed to modify settings." ID,
                                   "Fehler beim Ändern der Einstellungen von '{vm}'." ID_DE },
    [SIM_TEXT_COPY_FAILED] = { "'{vm}' failed to initiate copying files to the guest." ID,
                               "Fehler beim Kopieren von Dateien in den Gast von '{vm}'." ID_DE },
    [SIM_TEXT_NO_PRODUCTION_CHECKPOINT] = { "Production checkpoints cannot be created for '{vm}'." ID,
                                            "Für '{vm}' können keine Produktionsprüfpunkte erstellt werden." ID_DE },
    /* Unverified: the wording of this layer. */
    [SIM_TEXT_GUEST_CANNOT_QUIESCE] = { "The guest operating system could not bring its data to a consistent state. "
                                        "(0x80070032)",
                                        "Das Gastbetriebssystem konnte keinen konsistenten Zustand herstellen. "
                                        "(0x80070032)" },
    [SIM_TEXT_HAS_GPU] = { "The operation cannot be performed on the virtual machine because it is assigned "
                           "one or more GPUP partitions.",
                           "Der Vorgang kann nicht ausgeführt werden, weil dem virtuellen Computer mindestens eine "
                           "GPUP-Partition zugewiesen ist." },
    /* Unverified: no report quotes the text for a directly assigned device. */
    [SIM_TEXT_HAS_DDA] = { "The operation cannot be performed on the virtual machine because it is assigned "
                           "one or more physical devices.",
                           "Der Vorgang kann nicht ausgeführt werden, weil dem virtuellen Computer mindestens ein "
                           "physisches Gerät zugewiesen ist." },
    [SIM_TEXT_GPU_FAILED] = { "'{vm}' GPU Partition: failed to power on." ID,
                              "'{vm}' GPU-Partition: Fehler beim Einschalten." ID_DE },
    [SIM_TEXT_GPU_MISSING] = { "Could not find partitionable GPU device '{detail}': the system cannot find the file "
                               "specified. (0x80070002)",
                               "Das partitionierbare GPU-Gerät '{detail}' wurde nicht gefunden: Das System kann die "
                               "angegebene Datei nicht finden. (0x80070002)" },
    [SIM_TEXT_GPU_EXHAUSTED] = { "Insufficient system resources exist to complete the requested service. (0x800705AA)",
                                 "Nicht genügend Systemressourcen, um den angeforderten Dienst auszuführen. "
                                 "(0x800705AA)" },
    [SIM_TEXT_GPU_POLICY] = { "Could not allocate partitionable GPU device '{detail}' that is not compliant with "
                              "currently set group policy. See HyperV\\RequireSecureDeviceAssignment and "
                              "HyperV\\RequireSupportedDeviceAssignment.",
                              "Das partitionierbare GPU-Gerät '{detail}' entspricht nicht der Gruppenrichtlinie. Siehe "
                              "HyperV\\RequireSecureDeviceAssignment und HyperV\\RequireSupportedDeviceAssignment." },
    [SIM_TEXT_GPU_NO_SAVE] = { "The GPU partition does not support saving the state of the virtual machine. "
                               "(0x80070032)",
                               "Die GPU-Partition unterstützt das Speichern des Zustands nicht. (0x80070032)" },
    /* Unverified: no report quotes it; Microsoft's design only says that the start fails. */
    [SIM_TEXT_GPU_NO_HIBERNATION] = { "The GPU partition does not support hibernation of the virtual machine. "
                                      "(0x80070032)",
                                      "Die GPU-Partition unterstützt den Ruhezustand nicht. (0x80070032)" },
    [SIM_TEXT_ACCESS_DENIED] = { "Access is denied. (0x80070005)", "Zugriff verweigert (0x80070005)" },
    [SIM_TEXT_MMIO_TOO_HIGH] = { "Virtual machine '{vm}' cannot be started. The upper MMIO region ({detail}) is above "
                                 "the supported physical address range. Make sure that the upper MMIO region is below "
                                 "{limit}." ID,
                                 "Der virtuelle Computer '{vm}' kann nicht gestartet werden. Der obere MMIO-Bereich "
                                 "({detail}) liegt über dem unterstützten physischen Adressbereich. Der obere "
                                 "MMIO-Bereich muss unter {limit} liegen." ID_DE },
    /* Reported in Chinese, of changing the memory. Unverified: the English words, and that a start says the same. */
    [SIM_TEXT_MEMORY_WITH_GPU] = { "The operation cannot be performed on '{vm}' because the specified memory settings "
                                   "are incompatible with device assignment or GPU partitioning. When dynamic memory "
                                   "is enabled and a device or GPU is assigned, startup memory and minimum memory "
                                   "must be equal." ID,
                                   "Der Vorgang kann für '{vm}' nicht ausgeführt werden, weil die "
                                   "Arbeitsspeichereinstellungen nicht mit Gerätezuweisung oder GPU-Partitionierung "
                                   "vereinbar sind." ID_DE },
    /* Unverified: no report quotes it. */
    [SIM_TEXT_HAS_AUTOMATIC_CHECKPOINT] = { "The operation cannot be performed on the virtual machine because it has "
                                            "an automatic checkpoint.",
                                            "Der Vorgang kann nicht ausgeführt werden, weil der virtuelle Computer "
                                            "einen automatischen Prüfpunkt hat." },
    /* Windows' own texts for these numbers. */
    [SIM_TEXT_FILE_NOT_FOUND] = { "The system cannot find the file specified. (0x80070002)",
                                  "Das System kann die angegebene Datei nicht finden. (0x80070002)" },
    [SIM_TEXT_PATH_NOT_FOUND] = { "The system cannot find the path specified. (0x80070003)",
                                  "Das System kann den angegebenen Pfad nicht finden. (0x80070003)" },
    [SIM_TEXT_FILE_EXISTS] = { "The file exists. (0x80070050)", "Die Datei ist vorhanden. (0x80070050)" },
    [SIM_TEXT_NAME_TOO_LONG] = { "The filename or extension is too long. (0x800700CE)",
                                 "Der Dateiname oder die Erweiterung ist zu lang. (0x800700CE)" },
    [SIM_TEXT_DISK_FULL] = { "There is not enough space on the disk. (0x80070070)",
                             "Es steht nicht genug Speicherplatz auf dem Datenträger zur Verfügung. (0x80070070)" },
    [SIM_TEXT_UNSPECIFIED] = { "Unspecified error (0x80004005)", "Unbekannter Fehler (0x80004005)" },
    [SIM_TEXT_INVALID_PARAMETER] = { "The parameter is incorrect: {detail}. (0x80070057)",
                                     "Falscher Parameter: {detail}. (0x80070057)" },
    [SIM_TEXT_INVALID_STATE] = { "The operation cannot be performed while the object is in its current state. "
                                 "(0x80048008)",
                                 "Der Vorgang kann im aktuellen Zustand des Objekts nicht ausgeführt werden. "
                                 "(0x80048008)" },
    [SIM_TEXT_UNEXPECTED] = { "An unexpected error occurred: catastrophic failure. (0x8000FFFF)",
                              "Unerwarteter Fehler: schwerwiegender Fehler. (0x8000FFFF)" },
};

static const char *place_value(const SimHost *host, const char *place, size_t length, const SimObject *vm,
                               const char *detail, Arena *arena)
{
    if (length == strlen("{limit}") && strncmp(place, "{limit}", length) == 0)
        return arena_printf(arena, "0x%016" PRIx64, UINT64_C(1) << host->knobs.address_bits);
    if (length == strlen("{detail}") && strncmp(place, "{detail}", length) == 0)
        return detail;
    if (length == strlen("{vm}") && strncmp(place, "{vm}", length) == 0)
        return vm == NULL ? NULL : sim_object_text(vm, "ElementName");
    return vm == NULL ? NULL : sim_object_text(vm, "Name");
}

const char *sim_text(const SimHost *host, SimText text, const SimObject *vm, const char *detail, Arena *arena)
{
    Str out;
    str_init(&out, SIZE_MAX);
    const char *rest = texts[text][host->knobs.german];
    while (*rest != '\0') {
        size_t plain = strcspn(rest, "{");
        str_append_bytes(&out, rest, plain);
        rest += plain;
        if (*rest == '\0')
            break;
        size_t length = strcspn(rest, "}") + 1;
        const char *value = place_value(host, rest, length, vm, detail, arena);
        str_append(&out, value != NULL ? value : "?");
        rest += length;
    }
    return str_take(&out, arena);
}
