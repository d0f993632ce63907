"""The main modules in the languages of those who use the webmail. English stands in `modules` itself."""

from oxherd.profiles.modules import Module

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")

WORDS: dict[str, dict[str, str]] = {
    "webmail": {
        "de": "E-Mail",
        "fr": "Messagerie",
        "es": "Correo",
        "it": "Posta",
        "nl": "E-mail",
    },
    "contacts": {
        "de": "Adressbuch",
        "fr": "Carnet d’adresses",
        "es": "Libreta de direcciones",
        "it": "Rubrica",
        "nl": "Adresboek",
    },
    "calendar": {
        "de": "Kalender",
        "fr": "Calendrier",
        "es": "Calendario",
        "it": "Calendario",
        "nl": "Agenda",
    },
    "tasks": {
        "de": "Aufgaben",
        "fr": "Tâches",
        "es": "Tareas",
        "it": "Attività",
        "nl": "Taken",
    },
    "infostore": {
        "de": "Drive für Dateien",
        "fr": "Drive pour les fichiers",
        "es": "Drive para archivos",
        "it": "Drive per i file",
        "nl": "Drive voor bestanden",
    },
    "documents": {
        "de": "Documents: Texte und Tabellen",
        "fr": "Documents : textes et tableurs",
        "es": "Documents: textos y hojas de cálculo",
        "it": "Documents: testi e fogli di calcolo",
        "nl": "Documents: teksten en spreadsheets",
    },
    "guard": {
        "de": "Guard für verschlüsselte E-Mail",
        "fr": "Guard pour les messages chiffrés",
        "es": "Guard para correo cifrado",
        "it": "Guard per la posta cifrata",
        "nl": "Guard voor versleutelde e-mail",
    },
    "activeSync": {
        "de": "Telefone (ActiveSync)",
        "fr": "Téléphones (ActiveSync)",
        "es": "Teléfonos (ActiveSync)",
        "it": "Telefoni (ActiveSync)",
        "nl": "Telefoons (ActiveSync)",
    },
    "globalAddressBook": {
        "de": "Adressbuch aller Kollegen",
        "fr": "Carnet d’adresses de tous les collègues",
        "es": "Libreta de direcciones de todos los compañeros",
        "it": "Rubrica di tutti i colleghi",
        "nl": "Adresboek van alle collega’s",
    },
    "readCreateSharedFolders": {
        "de": "Gemeinsame Ordner",
        "fr": "Dossiers partagés",
        "es": "Carpetas compartidas",
        "it": "Cartelle condivise",
        "nl": "Gedeelde mappen",
    },
}


def name_in(module: Module, language: str) -> str:
    """The module's name in a language of LANGUAGES; a detail, which has no translation, in English."""
    return WORDS.get(module.key, {}).get(language, module.name)
