"""The offer in the languages of those who use the webmail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """{modules}: names with commas; {size}: such as "20 GB"; {number}: of characters."""

    title: str
    missing: str
    more: str
    lead: str
    profile: str
    holds: str
    mailbox: str
    files: str
    unlimited: str
    message: str
    optional: str
    send: str
    later: str
    sent: str
    sent_lead: str
    sent_then: str
    close: str
    reload: str
    choose: str
    too_long: str
    expired: str
    expired_lead: str
    too_many: str
    too_many_lead: str
    nothing: str
    nothing_lead: str


WORDS = {
    "en": Words(
        title="Upgrade",
        missing="Not part of your profile yet: {modules}",
        more="More for your mailbox",
        lead="Choose a profile. Your administrator decides, and you are told by mail.",
        profile="Profile",
        holds="Holds",
        mailbox="Mailbox {size}",
        files="Files {size}",
        unlimited="unlimited",
        message="Message to your administrator",
        optional="optional",
        send="Send request",
        later="Not now",
        sent="Your request was sent",
        sent_lead="Your administrator decides, and you are told by mail. Nothing has changed yet.",
        sent_then="Once it is approved, reload your webmail to see what is new.",
        close="Close",
        reload="Reload webmail",
        choose="Choose one of the profiles.",
        too_long="This is longer than {number} characters. Shorten it.",
        expired="This page was open for too long",
        expired_lead="Nothing was sent. Close it and open it again.",
        too_many="Too many requests came from here",
        too_many_lead="Nothing was sent. Try again in an hour.",
        nothing="There is nothing on offer here",
        nothing_lead="Ask your administrator what can be done.",
    ),
    "de": Words(
        title="Erweitern",
        missing="Noch nicht in Ihrem Profil: {modules}",
        more="Mehr für Ihr Postfach",
        lead="Wählen Sie ein Profil. Ihre Administration entscheidet, und Sie erfahren es per E-Mail.",
        profile="Profil",
        holds="Enthält",
        mailbox="Postfach {size}",
        files="Dateien {size}",
        unlimited="unbegrenzt",
        message="Nachricht an Ihre Administration",
        optional="freiwillig",
        send="Anfrage senden",
        later="Jetzt nicht",
        sent="Ihre Anfrage ist gesendet",
        sent_lead="Ihre Administration entscheidet, und Sie erfahren es per E-Mail. Noch hat sich nichts geändert.",
        sent_then="Nach der Zustimmung laden Sie Ihr Webmail neu, um das Neue zu sehen.",
        close="Schließen",
        reload="Webmail neu laden",
        choose="Wählen Sie eines der Profile.",
        too_long="Dies hat mehr als {number} Zeichen. Kürzen Sie es.",
        expired="Diese Seite war zu lange offen",
        expired_lead="Es wurde nichts gesendet. Schließen Sie sie, und öffnen Sie sie neu.",
        too_many="Von hier kamen zu viele Anfragen",
        too_many_lead="Es wurde nichts gesendet. Versuchen Sie es in einer Stunde noch einmal.",
        nothing="Hier wird nichts angeboten",
        nothing_lead="Fragen Sie Ihre Administration, was möglich ist.",
    ),
    "fr": Words(
        title="Étendre",
        missing="Pas encore dans votre profil : {modules}",
        more="Plus pour votre messagerie",
        lead="Choisissez un profil. Votre administrateur décide, et vous en êtes informé par e-mail.",
        profile="Profil",
        holds="Contient",
        mailbox="Messagerie {size}",
        files="Fichiers {size}",
        unlimited="illimité",
        message="Message à votre administrateur",
        optional="facultatif",
        send="Envoyer la demande",
        later="Pas maintenant",
        sent="Votre demande est envoyée",
        sent_lead="Votre administrateur décide, et vous en êtes informé par e-mail. Rien n’a encore changé.",
        sent_then="Une fois la demande acceptée, rechargez votre webmail pour voir les nouveautés.",
        close="Fermer",
        reload="Recharger le webmail",
        choose="Choisissez l’un des profils.",
        too_long="Ce texte dépasse {number} caractères. Raccourcissez-le.",
        expired="Cette page est restée ouverte trop longtemps",
        expired_lead="Rien n’a été envoyé. Fermez-la et ouvrez-la de nouveau.",
        too_many="Trop de demandes sont venues d’ici",
        too_many_lead="Rien n’a été envoyé. Réessayez dans une heure.",
        nothing="Il n’y a rien à proposer ici",
        nothing_lead="Demandez à votre administrateur ce qui est possible.",
    ),
    "es": Words(
        title="Ampliar",
        missing="Todavía no está en su perfil: {modules}",
        more="Más para su correo",
        lead="Elija un perfil. Su administrador decide y usted recibe la respuesta por correo.",
        profile="Perfil",
        holds="Contiene",
        mailbox="Buzón {size}",
        files="Archivos {size}",
        unlimited="ilimitado",
        message="Mensaje a su administrador",
        optional="opcional",
        send="Enviar solicitud",
        later="Ahora no",
        sent="Su solicitud se ha enviado",
        sent_lead="Su administrador decide y usted recibe la respuesta por correo. Todavía no ha cambiado nada.",
        sent_then="Cuando se apruebe, vuelva a cargar su webmail para ver las novedades.",
        close="Cerrar",
        reload="Volver a cargar el webmail",
        choose="Elija uno de los perfiles.",
        too_long="El texto tiene más de {number} caracteres. Acórtelo.",
        expired="Esta página ha estado abierta demasiado tiempo",
        expired_lead="No se ha enviado nada. Ciérrela y vuelva a abrirla.",
        too_many="Han llegado demasiadas solicitudes desde aquí",
        too_many_lead="No se ha enviado nada. Inténtelo de nuevo dentro de una hora.",
        nothing="Aquí no se ofrece nada",
        nothing_lead="Pregunte a su administrador qué es posible.",
    ),
    "it": Words(
        title="Estendere",
        missing="Non ancora nel Suo profilo: {modules}",
        more="Di più per la Sua posta",
        lead="Scelga un profilo. Il Suo amministratore decide e Lei riceve la risposta per e-mail.",
        profile="Profilo",
        holds="Contiene",
        mailbox="Casella {size}",
        files="File {size}",
        unlimited="illimitato",
        message="Messaggio al Suo amministratore",
        optional="facoltativo",
        send="Invia la richiesta",
        later="Non ora",
        sent="La Sua richiesta è stata inviata",
        sent_lead="Il Suo amministratore decide e Lei riceve la risposta per e-mail. Non è ancora cambiato nulla.",
        sent_then="Dopo l’approvazione ricarichi la webmail per vedere le novità.",
        close="Chiudi",
        reload="Ricarica la webmail",
        choose="Scelga uno dei profili.",
        too_long="Il testo supera i {number} caratteri. Lo accorci.",
        expired="Questa pagina è rimasta aperta troppo a lungo",
        expired_lead="Non è stato inviato nulla. La chiuda e la riapra.",
        too_many="Da qui sono arrivate troppe richieste",
        too_many_lead="Non è stato inviato nulla. Riprovi tra un’ora.",
        nothing="Qui non viene offerto nulla",
        nothing_lead="Chieda al Suo amministratore che cosa è possibile.",
    ),
    "nl": Words(
        title="Uitbreiden",
        missing="Nog niet in uw profiel: {modules}",
        more="Meer voor uw mailbox",
        lead="Kies een profiel. Uw beheerder beslist, en u krijgt bericht per e-mail.",
        profile="Profiel",
        holds="Bevat",
        mailbox="Mailbox {size}",
        files="Bestanden {size}",
        unlimited="onbeperkt",
        message="Bericht aan uw beheerder",
        optional="optioneel",
        send="Aanvraag versturen",
        later="Niet nu",
        sent="Uw aanvraag is verstuurd",
        sent_lead="Uw beheerder beslist, en u krijgt bericht per e-mail. Er is nog niets veranderd.",
        sent_then="Laad na de goedkeuring uw webmail opnieuw om te zien wat er nieuw is.",
        close="Sluiten",
        reload="Webmail opnieuw laden",
        choose="Kies een van de profielen.",
        too_long="Dit is langer dan {number} tekens. Kort het in.",
        expired="Deze pagina stond te lang open",
        expired_lead="Er is niets verstuurd. Sluit de pagina en open haar opnieuw.",
        too_many="Er kwamen te veel aanvragen van hier",
        too_many_lead="Er is niets verstuurd. Probeer het over een uur opnieuw.",
        nothing="Hier wordt niets aangeboden",
        nothing_lead="Vraag uw beheerder wat er mogelijk is.",
    ),
}
