"""What columns are called in the exports of common tools, in six languages; and words for states and priorities."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from watchbill.engine.base.work import State

_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")

Words = tuple[str, ...]


def plain(text: str) -> str:
    """Return *text* in small letters without accents, its words parted by single spaces: `sysUpdated_At` is `sys updated at`."""
    bare = unicodedata.normalize("NFKD", _EDGE.sub(" ", text).replace("ß", "ss").casefold())
    return _OTHER.sub(" ", "".join(letter for letter in bare if not unicodedata.combining(letter))).strip()


def _table(**lists: str) -> dict[str, tuple[str, ...]]:
    return {role: tuple(plain(name) for name in names.split(",")) for role, names in lists.items()}


HEADS = _table(
    reference="number,incident number,incident id,ticket number,ticket id,ticket no,ticket nr,ticket,case number,case id,"
    "case,issue key,key,issue id,sr number,request id,request number,reference,ref,record id,id,case concept name,"
    "nummer,ticketnummer,vorgangsnummer,vorgang,fallnummer,störungsnummer,kennung,"
    "numéro,numéro de ticket,n° ticket,n° de ticket,identifiant,référence,numéro d'incident,"
    "número,número do chamado,chamado,protocolo,código do chamado,id do chamado,número de ticket,número de caso,caso",
    at="sys updated at,sys updated on,updated at,updated on,updated,updated time,last updated,last updated at,last update,"
    "last update time,last modified,last modified at,modified,modified at,change date time,change date,change time,changed at,"
    "timestamp,time timestamp,event time,event timestamp,complete timestamp,time,zeitstempel,geändert,geändert am,"
    "aktualisiert,aktualisiert am,letzte änderung,letzte aktualisierung,mis à jour,mis à jour le,modifié le,"
    "dernière mise à jour,dernière modification,date de modification,horodatage,atualizado,atualizado em,"
    "última atualização,data de atualização,modificado em,actualizado,actualizado el,última actualización,"
    "fecha de actualización,fecha de modificación",
    opened="opened at,opened,opened on,open time,open date,created at,created,created on,created time,created date,"
    "creation date,creation time,date created,date opened,sys created at,sys created on,reported at,reported date,reported on,"
    "submitted,submitted at,submit date,start date,erstellt,erstellt am,erstellungsdatum,angelegt,angelegt am,anlagedatum,"
    "eröffnet,eröffnet am,eröffnungsdatum,gemeldet am,eingegangen am,créé,créé le,date de création,ouvert le,date d'ouverture,"
    "ouverture,criado,criado em,data de criação,aberto em,data de abertura,abertura,creado,creado el,fecha de creación,"
    "fecha de apertura,abierto el,aangemaakt,aangemaakt op,data creazione",
    in_progress="first assigned,first assigned at,initially assigned at,assigned at,assigned on,assigned date,assignment date,"
    "accepted at,acknowledged at,acknowledged,started at,work started,work start,actual start,in progress at,begin time,"
    "initial response time,first response,first response at,first responded at,first reply at,responded at,"
    "zugewiesen am,übernommen am,begonnen am,in bearbeitung seit,erste antwort,erste reaktion,assigné le,attribué le,"
    "pris en charge le,date de prise en charge,début de traitement,atribuído em,data de atribuição,iniciado em,"
    "início do atendimento,primeira resposta,asignado el,fecha de asignación,iniciado el,primera respuesta",
    resolved="resolved at,resolved,resolved on,resolved time,resolved date,resolution date,resolution time stamp,date resolved,"
    "solved at,solved,solved on,completed at,completed,completion date,fixed at,gelöst,gelöst am,lösungsdatum,behoben am,"
    "erledigt am,résolu,résolu le,date de résolution,resolvido em,resolvido,data de resolução,solucionado em,data da solução,"
    "resuelto,resuelto el,fecha de resolución,opgelost op,data risoluzione",
    closed="closed at,closed,closed on,closed time,closed date,close date,close time,closing date,date closed,geschlossen,"
    "geschlossen am,abgeschlossen,abgeschlossen am,abschlussdatum,fermé,fermé le,clôturé,clôturé le,clos le,date de clôture,"
    "date de fermeture,fechado,fechado em,encerrado em,encerrado,data de encerramento,data de fechamento,cerrado,cerrado el,"
    "fecha de cierre,gesloten op,data chiusura",
    state="state,incident state,status,ticket status,issue status,case status,request status,activity,concept name,zustand,"
    "ticketstatus,bearbeitungsstatus,état,statut,statut du ticket,situação,estado,estatus,stato",
    substate="sub status,substatus,sub state,status reason,state reason,pending reason,on hold reason,unterstatus,statusgrund,"
    "sous statut,sub estado,subestado,motivo do status",
    priority="priority,ticket priority,prio,severity,sev,priorität,prioritaet,schweregrad,priorité,gravité,sévérité,"
    "prioridade,gravidade,severidade,prioridad,gravedad,prioriteit,priorità",
    impact="impact,auswirkung,impacto,impatto",
    urgency="urgency,dringlichkeit,urgence,urgência,urgencia,urgenza",
    owner="assigned to,assignee,assigned agent,agent,agent name,owner,owner name,case owner,ticket owner,owner first name,"
    "technician,resource,org resource,handler,responsible,zugewiesen an,zugewiesen,bearbeiter,bearbeiterin,verantwortlich,"
    "verantwortlicher,zuständig,zuständiger,assigné à,attribué à,technicien,responsable,intervenant,atribuído a,"
    "responsável,técnico,técnico responsável,atendente,analista,asignado a,agente,behandelaar,assegnato a",
    queue="assignment group,assigned group,group,group name,support group,support team,team,team name,queue,involved st,"
    "org group,department,service desk,gruppe,zuweisungsgruppe,bearbeitergruppe,warteschlange,abteilung,groupe,"
    "groupe d'affectation,groupe de support,équipe,file,service,grupo,grupo de atribuição,grupo solucionador,equipe,fila,setor,"
    "área,equipo,cola,grupo de asignación,departamento",
    category="category,product,product name,issue type,ticket type,request type,case type,type,component,components,"
    "business service,service offering,kategorie,kategorie 1,typ,tickettyp,vorgangstyp,produkt,catégorie,produit,"
    "type de demande,type,categoria,categoría,tipo,produto,serviço,producto,tipo de chamado,categorie",
    customer="customer,customer name,company,company name,account,account name,client,organization,organisation,caller id,"
    "caller,requester,requester name,requested by,reporter,opened for,contact name,kunde,kundenname,firma,melder,anforderer,"
    "antragsteller,client,société,demandeur,nom du client,cliente,empresa,solicitante,requerente,organização,"
    "organización,klant",
    title="short description,summary,subject,title,issue summary,ticket subject,kurzbeschreibung,betreff,titel,zusammenfassung,"
    "thema,description courte,sujet,titre,objet,résumé,descrição resumida,descrição curta,assunto,título,resumo,asunto,"
    "descripción breve,resumen,onderwerp,oggetto",
    actor="sys updated by,updated by,last updated by,modified by,last modified by,changed by,user,user name,performed by,author,"
    "geändert von,aktualisiert von,bearbeitet von,modifié par,mis à jour par,atualizado por,modificado por,alterado por,"
    "actualizado por",
    version="sys mod count,mod count,version,revision,update count,event id,sequence",
    location="location,site,office,standort,ort,niederlassung,lieu,localisation,local,localidade,unidade,ubicación,sede",
    channel="contact type,channel,source,via,contact channel,kanal,quelle,eingangskanal,canal,origine,origem,origen",
    subcategory="subcategory,sub category,unterkategorie,sous catégorie,subcategoria,subcategoría",
    resolved_by="resolved by,closed by,solved by,gelöst von,geschlossen von,résolu par,resolvido por,encerrado por,resuelto por",
    close_code="closed code,close code,resolution,resolution code,resolution type,closure code,lösungscode,abschlusscode,lösung,"
    "code de clôture,código de fechamento,resolução,código de cierre,resolución",
)  # fmt: skip
"""Roles, with the names that columns of that role bear; the more telling ones first."""

_STATES: dict[State, str] = {
    State.NEW: "new,neu,nouveau,nouvelle,novo,nova,nuevo,nueva,created,logged,submitted,registered,unassigned,"
    "queued,backlog,to do,todo,awaiting assignment,queued awaiting assignment,eingegangen,erfasst,a faire,aguardando atribuicao,triage,awaiting triage,nieuw,nuovo",
    State.IN_PROGRESS: "active,in progress,work in progress,wip,assigned,accepted,accepted in progress,accepted assigned,"
    "in bearbeitung,in arbeit,zugewiesen,aktiv,en cours,en cours de traitement,assigne,pris en charge,em andamento,"
    "em atendimento,em progresso,atribuido,en curso,en progreso,en proceso,asignado,started,investigating,working,reopened,"
    "wiedereroffnet,rouvert,reaberto,reabierto,in review,in behandeling,in corso,in development,under investigation",
    State.WAITING_CUSTOMER: "awaiting user info,awaiting user,awaiting caller,awaiting customer,awaiting requester,"
    "waiting on customer,waiting for customer,waiting for user,pending customer,pending user,wait user,wait customer,"
    "accepted wait user,accepted wait customer,customer action,wartet auf kunden,warten auf kunde,warte auf kunde,"
    "warten auf anwender,wartet auf antwort,ruckfrage,ruckfrage an kunden,en attente client,en attente du client,"
    "en attente utilisateur,en attente d information,attente client,aguardando cliente,aguardando usuario,"
    "aguardando solicitante,esperando al cliente,esperando cliente,pendiente del cliente,awaiting reply",
    State.WAITING_VENDOR: "awaiting vendor,waiting on third party,waiting on vendor,waiting for vendor,pending vendor,"
    "accepted wait vendor,wait vendor,awaiting supplier,awaiting third party,pending third party,wartet auf lieferant,"
    "warten auf lieferant,warten auf dritte,warten auf hersteller,en attente fournisseur,en attente du fournisseur,"
    "attente fournisseur,aguardando fornecedor,aguardando terceiros,esperando al proveedor,pendiente del proveedor",
    State.WAITING_OTHER: "awaiting problem,awaiting evidence,awaiting change,on hold,hold,accepted wait,wait,waiting,"
    "accepted wait implementation,blocked,paused,suspended,deferred,angehalten,zuruckgestellt,blockiert,pausiert,"
    "suspendu,bloque,em espera,suspenso,pausado,bloqueado,en espera,suspendido",
    State.RESOLVED: "resolved,solved,fixed,done,completed,complete,completed resolved,completed in call,gelost,behoben,erledigt,"
    "fertig,resolu,resolue,traite,termine,resolvido,resolvida,solucionado,concluido,resuelto,resuelta,completado,"
    "terminado,opgelost,risolto",
    State.CLOSED: "closed,completed closed,closed complete,geschlossen,abgeschlossen,ferme,fermee,cloture,cloturee,clos,fechado,"
    "fechada,encerrado,encerrada,finalizado,cerrado,cerrada,archived,gesloten,chiuso",
    State.CANCELLED: "cancelled,canceled,completed cancelled,completed canceled,withdrawn,rejected,duplicate,won t do,"
    "closed incomplete,closed skipped,storniert,abgebrochen,abgelehnt,annule,annulee,abandonne,rejete,cancelado,cancelada,"
    "rejeitado,anulado,rechazado,geannuleerd,annullato",
}  # fmt: skip
STATES = {word: state for state, words in _STATES.items() for word in words.split(",")}
OPEN = frozenset(("open", "offen", "ouvert", "ouverte", "aberto", "aberta", "abierto", "abierta", "aperto"))
"""Means that nobody has begun, where there is no word for new; else that somebody has."""

PENDING = frozenset(
    ("pending", "ausstehend", "wartend", "en attente", "pendente", "aguardando", "pendiente", "in attesa")
)
"""Says that an item waits, and not for whom."""

NOBODY = frozenset(
    ("unassigned", "none", "nobody", "unknown", "nicht zugewiesen", "niemand", "keiner", "unbekannt", "non assigne",
     "non attribue", "aucun", "inconnu", "nao atribuido", "sem responsavel", "nenhum", "desconhecido", "sin asignar", "ninguno")
)  # fmt: skip

_RANKS = {
    1: "critical,blocker,urgent,highest,emergency,kritisch,dringend,sehr hoch,hochste,critique,urgente,tres haute,critica,"
    "critico,muito alta,muy alta,showstopper",
    2: "high,major,hoch,haute,elevee,eleve,alta,alto,important,wichtig,grave",
    3: "medium,moderate,normal,average,standard,mittel,moyenne,moyen,normale,media,medio,moderada",
    4: "low,minor,lowest,trivial,planning,very low,niedrig,gering,basse,faible,baixa,baixo,baja,bajo,sehr niedrig,cosmetic",
}
RANKS = {word: rank for rank, words in _RANKS.items() for word in words.split(",")}


def state_of(word: str, others: Iterable[str]) -> State | None:
    """Return the state that a word of a file means, beside the *others* that it has; None when that is not clear."""
    text = plain(word)
    if text in OPEN:
        return State.IN_PROGRESS if any(STATES.get(plain(other)) is State.NEW for other in others) else State.NEW
    return STATES.get(text)


def rank_of(word: str, others: Iterable[str]) -> int | None:
    """Return the priority, 1 to 4, that a word of a file means: by its word, else by a P before its digit."""
    text = plain(word)
    words = re.sub(r"^(?:p|sev|s|prio)? ?\d+ ?", "", text)
    if words in RANKS:
        has_blocker = any("blocker" in plain(other) for other in others)
        ladder = {"critical": 2, "major": 3, "minor": 4}
        return ladder.get(words, RANKS[words]) if has_blocker else RANKS[words]
    digit = re.fullmatch(r"(?:p|sev|prio|priority) ?([1-5])", text)
    return min(4, int(digit[1])) if digit else None
