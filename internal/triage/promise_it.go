package triage

import (
	"slices"
	"strings"
	"time"
)

// italian finds promises in Italian.
type italian struct{}

// Verbs of doing: what a company may promise. Each is stem and ending; what is irregular stands in italianForms.
var italianVerbs = []string{
	"provved ere", "rimbors are", "sostitu ire", "rispond ere", "invi are", "sped ire", "mand are", "contatt are", "ricontatt are", "richiam are", "chiam are",
	"telefon are", "scriv ere", "verific are", "controll are", "sistem are", "risolv ere", "corregg ere", "aggiorn are", "inform are", "avvis are",
	"ripristin are", "ripar are", "aggiust are", "cambi are", "miglior are", "aggiung ere", "rimuov ere", "pubblic are", "riapr ire", "consegn are", "riconsegn are",
	"accredit are", "riaccredit are", "restitu ire", "ritir are", "effettu are", "prend ere", "parl are", "segnal are", "inoltr are", "gir are", "port are",
	"torn are", "complet are", "conferm are", "modific are", "annull are", "blocc are", "attiv are", "riattiv are", "install are", "lavor are", "impegn are", "assicur are",
	"offr ire", "regal are", "ricarc are", "rived ere", "intensific are", "potenzi are", "lanci are", "introduc ere", "elimin are", "riprogramm are", "organizz are",
	"comunic are", "pag are", "sald are", "storn are", "emett ere", "prenot are", "riserv are", "tratten ere", "valut are", "approfond ire", "analizz are", "indag are",
	"ascolt are", "riprov are", "sollecit are", "intervent are", "interven ire", "occup are", "cur are", "segu ire", "gest ire", "riparl are", "abbass are", "rinforz are", "form are",
	"pul ire", "sanific are", "ritinteggi are", "ritorn are", "recapit are", "prepar are", "rifar are", "rispett are", "mett ere", "pass are", "ved ere", "risarc ire", "consider are",
	"raddoppi are", "estend ere", "prolung are", "anticip are", "ripet ere", "mostr are", "spieg are", "condivid ere", "chied ere", "togli ere", "chiar ire", "rettific are",
	"riprend ere", "trasmett ere", "ten ere", "iniz are", "cominci are", "apr ire", "pubblicizz are", "ristamp are", "ricontroll are", "riesamin are", "riassort ire",
}

// italianParticiples are those that the ending does not give.
var italianParticiples = map[string]string{
	"rispond": "rispost", "scriv": "scritt", "risolv": "risolt", "corregg": "corrett", "aggiung": "aggiunt", "rimuov": "rimoss", "riapr": "riapert", "apr": "apert",
	"prend": "pres", "offr": "offert", "emett": "emess", "mett": "mess", "estend": "estes", "provved": "provvedut", "riprend": "ripres", "trasmett": "trasmess", "togli": "tolt",
}

// italianForms are the forms of verbs that follow no rule.
var italianForms = map[string]form{
	"faremo": formFuture, "faro": formFuture, "facciamo": formPresent, "faccio": formAlone, "rifaremo": formFuture, "rifaro": formFuture, "rifacciamo": formPresent,
	"daremo": formFuture, "daro": formFuture, "diamo": formPresent, "diremo": formFuture, "diro": formFuture, "diciamo": formPresent,
	"terremo": formFuture, "terro": formFuture, "teniamo": formPresent, "tratterremo": formFuture, "verremo": formFuture, "verro": formFuture, "veniamo": formPresent, "vengo": formAlone,
	"porremo": formFuture, "introdurremo": formFuture, "ridurremo": formFuture, "interverremo": formFuture, "interveniamo": formPresent, "andremo": formFuture,
	"rimedieremo": formFuture, "rimediero": formFuture, "rimediamo": formPresent, "ricontatto": formAlone, "rispondo": formAlone,
	"rivedremo": formFuture, "saremo": formState, "saro": formState,
}

// form is what a form of a verb needs beside it to be a promise.
type form uint8

const (
	formNone    form = iota
	formFuture       // nothing
	formPresent      // a time
	formAlone        // a time, and a pronoun before it, because it looks like a noun
	formState        // an adjective: saremo operativi
)

// italianForm tells the form of a word.
func italianForm(w string) form {
	if f, ok := italianForms[w]; ok {
		return f
	}
	for _, v := range italianVerbs {
		stem, ending, _ := strings.Cut(v, " ")
		rest, ok := strings.CutPrefix(w, stem)
		if !ok {
			continue
		}
		rest = strings.TrimPrefix(rest, "h") // verificheremo, paghiamo
		future := "er"
		if ending == "ire" {
			future = "ir"
		}
		if stem == "ved" {
			continue // vedremo is no promise
		}
		switch rest {
		case future + "emo", future + "o":
			return formFuture
		case "iamo", "amo":
			return formPresent
		case "o", "isco":
			return formAlone
		}
	}
	// invieremo, cambieremo, cominceremo: stems that end in i lose or keep it
	if base, ok := strings.CutSuffix(w, "remo"); ok && strings.HasSuffix(base, "e") {
		for _, v := range italianVerbs {
			stem, _, _ := strings.Cut(v, " ")
			if strings.TrimSuffix(stem, "i")+"e" == base {
				return formFuture
			}
		}
	}
	return formNone
}

// italianParticiple tells whether a word says that one of the verbs is done.
func italianParticiple(w string) bool {
	if len(w) < 4 || !strings.ContainsRune("aeio", rune(w[len(w)-1])) {
		return false
	}
	base := w[:len(w)-1]
	for _, v := range italianVerbs {
		stem, ending, _ := strings.Cut(v, " ")
		switch {
		case italianParticiples[stem] == base && base != "",
			ending == "are" && stem+"at" == base,
			ending == "ire" && stem+"it" == base && italianParticiples[stem] == "":
			return true
		}
	}
	return base == "fatt" || base == "dat" || base == "rifatt" || base == "ridott"
}

// italianPronouns may stand between who acts and the verb.
var italianPronouns = []string{
	"ti", "vi", "le", "la", "lo", "li", "gli", "ne", "ci", "te", "ve", "glielo", "gliela", "glieli", "gliele", "gliene", "mi", "l", "noi", "io", "si",
}

func (italian) before(s sentence, i int) int {
	from := i
	for from > 0 && s[from-1].clause == s[i].clause && slices.Contains(italianPronouns, s[from-1].word) {
		from--
	}
	if from > 0 && s[from-1].word == "non" && s[from-1].clause == s[i].clause {
		from--
	}
	return from
}

func (t italian) promise(s sentence, i int) (n int, timed, ok bool) {
	n, timed, ok = t.verb(s, i)
	if !ok || t.onlySaid(s, i) {
		return 0, false, false
	}
	return n, timed, true
}

// verb tells whether words from i on promise, whatever stands around.
func (t italian) verb(s sentence, i int) (n int, timed, ok bool) {
	from := t.before(s, i)
	denied := from < i && s[from].word == "non" || s.at(i-1) == "non" || s.at(from-1) == "non"
	switch w := s.at(i); w {
	case "mancheremo", "manchero":
		return 1, false, denied
	case "succedera", "accadra", "capitera", "ricapitera", "risuccedera":
		return 2, false, denied && s.at(i+1) == "piu" || w == "ricapitera" && denied
	case "rifaremo", "ripeteremo":
		if denied {
			return 1, false, true
		}
	case "prometto", "promettiamo", "garantisco", "garantiamo", "assicuro", "assicuriamo":
		if !denied && (s.at(i+1) == "che" || s.at(i+1) == "di") {
			return 2, false, true
		}
		return 0, false, false
	case "impegniamo", "impegno":
		return 2, false, !denied && s.at(i+1) == "a" && (s.at(i-1) == "ci" || s.at(i-1) == "mi")
	case "parola":
		return 1, false, s.at(i-1) == "nostra" && !denied && !s.within(i, 3, "sulla", "di") || s.at(i+1) == "nostra" && i == 0
	case "pensiamo", "penso":
		return 1, s.at(i+1) != "noi" && s.at(i+1) != "io", !denied && s.at(i-1) == "ci"
	case "sara", "saranno", "verra", "verranno":
		if s.has(i+1, "nostra cura") || s.has(i+1, "mia cura") {
			return 3, false, !denied
		}
		k := i + 1
		for k < i+3 && slices.Contains([]string{"subito", "presto", "poi", "gia", "tutto", "anche"}, s.at(k)) {
			k++
		}
		return k + 1 - i, false, !denied && italianParticiple(s.at(k)) && s.at(k) != "vista" && s.at(k) != "visto"
	case "riceverai", "ricevera", "riceverete", "avrai", "avra", "avrete", "troverai", "trovera", "troverete":
		return 1, false, !denied && t.thing(s, i+1)
	case "uscira", "usciranno", "arrivera", "arriveranno", "partira", "partiranno", "tornera", "torneranno", "riaprira", "ripartira":
		return 1, true, !denied && !s.within(i, 4, "corriere", "postino", "posta", "autunno", "inverno", "estate", "sole")
	case "chiamera", "richiamera", "contattera", "ricontattera", "scrivera", "rispondera", "passera", "verifichera":
		return 1, false, !denied && s.within(i, 6, "nostro", "nostra", "nostri", "collega", "servizio clienti", "assistenza", "tecnico", "idraulico", "responsabile", "titolare", "direttore", "direttrice")
	}
	f := italianForm(s.at(i))
	if f == formNone || denied {
		return 0, false, false
	}
	if f == formPresent || f == formAlone {
		if w := s.at(i); w == "chiediamo" || w == "chiedo" {
			return 0, false, false
		}
		if t.habit(s, i) || s.at(i-1) == "che" && s.within(i, 2, "quello", "cio") {
			return 0, false, false
		}
		if f == formAlone && from == i && (i > 0 || len(s) < 2) {
			return 0, false, false
		}
		if f == formAlone && from < i && !slices.Contains([]string{"ti", "vi", "le", "lo", "la", "li", "gli", "te", "ve", "ci", "io", "glielo", "gliela", "glieli", "gliele", "ne", "l", "mi"}, s.at(i-1)) {
			return 0, false, false
		}
		return 1, true, true
	}
	if f == formState {
		k := s.hasAny(i+1, "operativi", "di nuovo operativi", "piu attenti", "piu veloci", "piu puntuali", "piu chiari", "da te", "da lei", "da voi", "pronti", "aperti")
		return 1 + k, k > 0 && s.at(i+k) == "aperti", k > 0
	}
	if t.empty(s, i) {
		return 0, false, false
	}
	return 1, false, true
}

// thing tells whether what is received is something of ours.
func (italian) thing(s sentence, i int) bool {
	for k := i; k < i+5 && k < len(s); k++ {
		switch s[k].word {
		case "rimborso", "risposta", "risposte", "sostituzione", "sostituto", "buono", "accredito", "pacco", "conferma", "riscontro", "ricambio", "reso", "notizie", "soldi",
			"pezzo", "ordine", "email", "mail", "chiamata", "telefonata", "codice", "sconto", "fattura", "regalo", "omaggio", "link", "aggiornamento", "aggiornamenti", "etichetta",
			"merce", "prodotto", "articolo", "bonifico", "credito", "voucher", "coupon":
			return true
		}
	}
	return false
}

// empty tells the futures that promise nothing.
func (italian) empty(s sentence, i int) bool {
	switch s.at(i) {
	case "faremo", "faro", "facciamo":
		return s.hasAny(i+1, "il possibile", "del nostro meglio", "del mio meglio", "il massimo", "tesoro", "finta", "di tutto", "tutto il possibile", "come", "fatica", "bene", "festa", "l impossibile", "una bella figura") > 0
	case "terremo", "terro":
		return s.hasAny(i+1, "conto", "a mente", "presente", "a dire") > 0
	case "diremo", "diro":
		return s.hasAny(i-1, "glielo", "te lo", "velo", "lo", "ti", "vi", "le") == 0
	case "andremo", "vedremo":
		return true
	case "prenderemo":
		return s.has(i+1, "in considerazione") || s.has(i+1, "atto")
	case "valuteremo", "considereremo", "valutero":
		return true
	}
	return false
}

// habit tells what is always done from what will be done once.
func (italian) habit(s sentence, i int) bool {
	for k := range s {
		if s.hasAny(k, "sempre", "di solito", "solitamente", "normalmente", "generalmente", "di norma", "ogni", "tutti i giorni", "abitualmente", "da anni", "tutte le settimane", "tutte le sere", "tutte le mattine", "tutti i mesi") > 0 {
			return true
		}
	}
	return s.within(i, 3, "se", "quando") || s.at(i-1) == "che" && s.within(i, 4, "prodotti", "quelli")
}

// onlySaid tells whether a promise is denied, only possible, or somebody else's.
func (t italian) onlySaid(s sentence, i int) bool {
	for k := 0; k < i; k++ {
		same := s[k].clause == s[i].clause
		if s.hasAny(k, "non possiamo", "non posso", "non promettiamo", "non prometto", "non garantiamo", "non garantisco", "non siamo in grado", "non riusciamo", "non sappiamo",
			"non so", "non e detto", "non credo", "non crediamo", "impossibile", "difficilmente", "dicono che", "dice che", "diceva che", "hai scritto", "ha scritto", "avete scritto",
			"hai detto", "scrive che", "sostiene che", "spero che", "speriamo", "magari", "forse", "chissa", "mi hanno detto", "secondo loro", "crede che", "chi dice",
			"pensavo che", "non e vero", "non e possibile", "penso che", "credo che", "ho letto che") > 0 && (same || s[k].clause+1 == s[i].clause) {
			return true
		}
		if same && (s[k].word == "mai" || s[k].word == "nessuno") {
			return true
		}
		if (s[k].word == "se" || s[k].word == "qualora") && same && t.before(s, i) <= k+1 {
			return true // the condition itself
		}
	}
	return s.hasAny(i+1, "forse", "magari", "se possibile", "se riusciamo", "se ci riusciamo", "probabilmente") > 0 || s.within(i, 6, "probabilmente")
}

var italianDays = map[string]time.Weekday{
	"lunedi": time.Monday, "martedi": time.Tuesday, "mercoledi": time.Wednesday, "giovedi": time.Thursday, "venerdi": time.Friday, "sabato": time.Saturday, "domenica": time.Sunday,
	"lun": time.Monday, "mar": time.Tuesday, "mer": time.Wednesday, "gio": time.Thursday, "ven": time.Friday, "sab": time.Saturday, "dom": time.Sunday,
}

var italianMonths = map[string]time.Month{
	"gennaio": 1, "febbraio": 2, "marzo": 3, "aprile": 4, "maggio": 5, "giugno": 6, "luglio": 7, "agosto": 8, "settembre": 9, "ottobre": 10, "novembre": 11, "dicembre": 12,
}

var italianNumbers = map[string]int{
	"un": 1, "uno": 1, "una": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7, "otto": 8, "nove": 9, "dieci": 10, "dodici": 12, "quindici": 15,
	"venti": 20, "ventiquattro": 24, "trenta": 30, "quarantotto": 48, "settantadue": 72, "primo": 1,
}

var italianPeriods = map[string]period{
	"minuto": minutes, "minuti": minutes, "ora": hours, "ore": hours, "giorno": days, "giorni": days, "gg": days, "settimana": weeks, "settimane": weeks,
	"mese": months, "mesi": months, "anno": years,
}

func (italian) count(s sentence, i int) int {
	if i >= len(s) {
		return -1
	}
	if s[i].kind == kindNumber {
		return number(s[i].raw)
	}
	if n, ok := italianNumbers[s[i].word]; ok {
		return n
	}
	return -1
}

func (t italian) when(s sentence, i int, now time.Time) (due time.Time, n int, ok bool) {
	if s.hasAny(i-1, "di", "del", "dello", "della", "da", "dal", "dall", "dalla", "scorso", "scorsa") > 0 && s.hasAny(i-2, "prima", "fine", "inizio") == 0 {
		return time.Time{}, 0, false // of another day: your message of Monday, from today on
	}
	if n := s.hasAny(i, "al piu presto", "quanto prima", "appena possibile", "prima possibile", "il prima possibile", "a breve", "subito", "immediatamente", "in tempi brevi", "tra poco",
		"fra poco", "a brevissimo", "nel piu breve tempo possibile", "nei prossimi giorni", "tra qualche giorno", "in pochi giorni", "prossimamente", "presto", "tempestivamente"); n > 0 {
		return time.Time{}, n, true
	}
	k := i
	if m := s.hasAny(k, "entro e non oltre", "non oltre", "entro", "per", "prima di", "a partire da", "gia"); m > 0 {
		k += m
		for s.hasAny(k, "il", "la", "le", "l", "i", "e non oltre", "al massimo") > 0 {
			k++
		}
	}
	due, m, ok := t.day(s, k, now)
	if !ok {
		return time.Time{}, 0, false
	}
	k += m
	for s.hasAny(k, "mattina", "pomeriggio", "stesso", "prossimo", "prossima", "mattino", "sera") > 0 && k-i < 8 {
		k++
	}
	if d, m, ok := t.hour(s, k, now, due); ok {
		return d, k + m - i, true
	}
	return due, k - i, true
}

// day reads a day, however it is said.
func (t italian) day(s sentence, i int, now time.Time) (time.Time, int, bool) {
	if n := s.hasAny(i, "oggi stesso", "oggi", "stasera", "stamattina", "stamani", "questa sera", "questa mattina", "questo pomeriggio", "in giornata", "sera", "la giornata", "giornata", "fine giornata", "la fine della giornata"); n > 0 {
		if s.at(i) == "sera" || s.at(i) == "giornata" {
			if p := s.at(i - 1); p != "entro" && p != "la" && p != "in" {
				return time.Time{}, 0, false
			}
		}
		return dayEnd(now, 0), n, true
	}
	if n := s.hasAny(i, "dopodomani", "dopo domani"); n > 0 {
		return dayEnd(now, 2), n, true
	}
	if n := s.hasAny(i, "domani", "domattina", "domani stesso"); n > 0 {
		return dayEnd(now, 1), n, true
	}
	if s.at(i+1) == "scorso" || s.at(i+1) == "scorsa" {
		return time.Time{}, 0, false
	}
	if d, ok := italianDays[s.at(i)]; ok && (len(s.at(i)) > 3 || s.at(i-1) == "entro") {
		due, n := weekdayEnd(now, d), 1
		if m := s.hasAny(i+1, "della prossima settimana", "della settimana prossima", "prossima settimana"); m > 0 {
			offset := (int(d) + 6) % 7
			return dayEnd(now, sunday(now)+1+offset), n + m, true
		}
		if c := t.count(s, i+1); c > 0 && c <= 31 {
			if m, ok := italianMonths[s.at(i+2)]; ok {
				if x, ok := date(now, c, m, 0); ok {
					return x, 3, true
				}
			}
			if x, m, ok := figures(s, i+1, now); ok {
				return x, 1 + m, true
			}
		}
		return due, n, true
	}
	if x, n, ok := t.calendar(s, i, now); ok {
		return x, n, true
	}
	return t.span(s, i, now)
}

// calendar reads dates, months and parts of them.
func (t italian) calendar(s sentence, i int, now time.Time) (time.Time, int, bool) {
	k := i
	for s.hasAny(k, "il", "l", "la", "giorno", "i") > 0 && k < i+2 {
		k++
	}
	if x, n, ok := figures(s, k, now); ok {
		return x, k + n - i, true
	}
	if c := t.count(s, k); c > 0 && c <= 31 {
		if m, ok := italianMonths[s.at(k+1)]; ok {
			year, n := 0, k+2-i
			if y := t.count(s, k+2); y > 2000 {
				year, n = y, n+1
			}
			x, ok := date(now, c, m, year)
			return x, n, ok
		}
		if (s.at(k-1) == "il" || s.at(k-1) == "giorno") && s.at(i-1) != "e" && s[k].kind == kindNumber && !strings.Contains(s[k].raw, ".") {
			if _, unit := italianPeriods[s.at(k+1)]; !unit && s.at(k+1) != "percento" {
				x, ok := dayOfMonth(now, c)
				n := k + 1 - i
				if m := s.hasAny(k+1, "del mese", "di questo mese"); m > 0 {
					n += m
				} else if m := s.hasAny(k+1, "del mese prossimo", "del prossimo mese"); m > 0 {
					n += m
				}
				return x, n, ok
			}
		}
	}
	k = i
	if m := s.hasAny(k, "la fine di", "fine di", "la fine", "fine", "meta", "la meta di", "inizio", "l inizio di", "i primi di", "primi di", "il mese di"); m > 0 {
		if month, ok := italianMonths[s.at(k+m)]; ok {
			x := namedMonthEnd(now, month)
			part := strings.Join([]string{s.at(k), s.at(k + 1)}, " ")
			switch {
			case strings.Contains(part, "meta"):
				x, _ = date(now, 15, month, 0)
			case strings.Contains(part, "inizi"), strings.Contains(part, "primi"):
				x, _ = date(now, 10, month, 0)
			}
			return x, m + 1, true
		}
	}
	if month, ok := italianMonths[s.at(i)]; ok && s.hasAny(i-1, "entro", "a", "ad", "per", "in") > 0 {
		return namedMonthEnd(now, month), 1, true
	}
	return time.Time{}, 0, false
}

// span reads weeks, months and lengths of time.
func (t italian) span(s sentence, i int, now time.Time) (time.Time, int, bool) {
	if n := s.hasAny(i, "la settimana prossima", "la prossima settimana", "settimana prossima", "prossima settimana", "la settimana entrante", "inizio settimana prossima",
		"inizio della prossima settimana", "la fine della prossima settimana", "fine della prossima settimana"); n > 0 {
		return dayEnd(now, sunday(now)+7), n, true
	}
	if n := s.hasAny(i, "fine settimana", "la fine della settimana", "la fine settimana", "questa settimana", "in settimana", "la settimana", "settimana", "fine della settimana", "il fine settimana", "il weekend", "weekend"); n > 0 {
		if s.at(i) == "settimana" && s.at(i-1) != "entro" && s.at(i-1) != "la" || s.has(i, "la settimana") && s.at(i-1) != "entro" {
			return time.Time{}, 0, false
		}
		return dayEnd(now, sunday(now)), n, true
	}
	if n := s.hasAny(i, "fine mese", "la fine del mese", "fine del mese", "questo mese", "il mese", "mese", "la fine di questo mese"); n > 0 && s.at(i+n) != "prossimo" && (s.at(i) != "mese" && s.at(i) != "il" || s.at(i-1) == "entro" || s.at(i-1) == "il") {
		return monthEnd(now, 0), n, true
	}
	if n := s.hasAny(i, "il mese prossimo", "il prossimo mese", "mese prossimo", "prossimo mese", "la fine del mese prossimo", "fine del prossimo mese"); n > 0 {
		return monthEnd(now, 1), n, true
	}
	if n := s.hasAny(i, "fine anno", "la fine dell anno", "fine dell anno", "l anno", "quest anno"); n > 0 {
		return monthEnd(now, 12-int(now.Month())), n, true
	}
	if n := s.hasAny(i, "natale"); n > 0 && s.hasAny(i-1, "entro", "prima") > 0 {
		x, ok := date(now, 24, 12, 0)
		return x, n, ok
	}
	k := i
	counted := s.hasAny(i-1, "entro", "per", "le", "i", "massimo", "oltre") > 0
	if m := s.hasAny(k, "tra", "fra", "in", "nel giro di", "nell arco di", "nei prossimi", "nelle prossime", "al massimo", "massimo", "le prossime", "i prossimi", "prossimi", "prossime", "le", "i", "entro"); m > 0 {
		counted = true
		k += m
	}
	if !counted {
		return t.hourAlone(s, i, now)
	}
	if m := s.hasAny(k, "un paio di"); m > 0 {
		if p, ok := italianPeriods[s.at(k+m)]; ok {
			x, ok := later(now, 2, p)
			return x, k + m + 1 - i, ok
		}
	}
	if s.has(k, "mezz ora") {
		x, ok := later(now, 30, minutes)
		return x, k + 2 - i, ok
	}
	c := t.count(s, k)
	if c < 0 {
		return t.hourAlone(s, i, now)
	}
	k++
	if (s.at(k) == "o" || between(s, k-1, '/', '-')) && t.count(s, k) > 0 || s.at(k) == "o" && t.count(s, k+1) > 0 {
		if s.at(k) == "o" {
			k++
		}
		c = t.count(s, k)
		k++
	}
	p, ok := italianPeriods[s.at(k)]
	if !ok {
		return t.hourAlone(s, i, now)
	}
	k++
	if p == days && s.hasAny(k, "lavorativi", "lavorativo", "feriali") > 0 {
		p = workdays
		k++
	}
	x, ok := later(now, c, p)
	return x, k - i, ok
}

// hour reads a time of day behind a day.
func (t italian) hour(s sentence, i int, now, day time.Time) (time.Time, int, bool) {
	k := i
	if m := s.hasAny(k, "alle ore", "entro le ore", "alle", "entro le", "per le", "dalle", "verso le", "entro"); m > 0 {
		k += m
	} else {
		return time.Time{}, 0, false
	}
	if s.at(k) == "mezzogiorno" {
		x, ok := clock(now, day, 12, 0)
		return x, k + 1 - i, ok
	}
	h, m, n, ok := hourAt(s, k)
	if !ok {
		return time.Time{}, 0, false
	}
	x, ok := clock(now, day, h, m)
	return x, k + n - i, ok
}

// hourAlone reads a time of day without a day.
func (t italian) hourAlone(s sentence, i int, now time.Time) (time.Time, int, bool) {
	if s.hasAny(i-1, "entro", "per") > 0 && s.at(i) == "mezzogiorno" {
		x, ok := clock(now, time.Time{}, 12, 0)
		return x, 1, ok
	}
	k := i
	if m := s.hasAny(i, "alle ore", "alle"); m > 0 {
		k += m
	} else if s.at(i-1) == "le" && s.at(i-2) == "entro" || s.at(i-1) == "le" && s.at(i-2) == "per" {
		k = i
	} else if s.has(i, "le") && s.hasAny(i-1, "entro", "per") > 0 {
		k++
	} else {
		return time.Time{}, 0, false
	}
	if s.at(k) == "ore" {
		k++
	}
	h, m, n, ok := hourAt(s, k)
	if !ok {
		return time.Time{}, 0, false
	}
	if _, unit := italianPeriods[s.at(k+n)]; unit {
		return time.Time{}, 0, false
	}
	x, ok := clock(now, time.Time{}, h, m)
	return x, k + n - i, ok
}
