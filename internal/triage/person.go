package triage

// person is whom a word speaks of.
type person uint8

const (
	personNone   person = iota
	personFirst         // the writer
	personSecond        // the company addressed, or somebody else who reads
	personUs            // the company, by one of its own words
)

// personOf knows the small words that say I and you, in both languages, chat spelling included.
func personOf(word []byte) person {
	switch string(word) {
	case "io", "mi", "me", "mio", "mia", "miei", "mie", "ho", "sono", "avevo", "vorrei", "noi", "ci", "nostro", "nostra", "nostri", "abbiamo",
		"i", "my", "mine", "we", "our", "us", "im", "ive", "id":
		return personFirst
	case "voi", "vi", "ve", "vostro", "vostra", "vostri", "vostre", "avete", "siete", "fate", "dovete", "potete", "sapete", "volete", "dite", "date",
		"state", "andate", "vendete", "rispondete", "mettete", "fatevi", "vergognatevi", "smettetela", "smettete", "lei", "suo", "sua",
		"dovreste", "potreste", "avreste", "sareste", "fareste", "avevate", "eravate", "farete", "avrete", "sarete", "ditemi", "datemi", "fatemi",
		"tu", "te", "ti", "tuo", "tua", "tuoi", "sei", "hai",
		"you", "your", "yours", "u", "ur", "youre", "youve", "ya", "yall", "guys":
		return personSecond
	}
	return personNone
}

// alias gives the full spelling of what is only ever an abbreviation; "" when it is none.
func alias(word []byte) string {
	if len(word) > 5 {
		return ""
	}
	switch string(word) {
	case "nn":
		return "non"
	case "xke", "xk", "xche", "perke":
		return "perche"
	case "cmq":
		return "comunque"
	case "qst":
		return "questo"
	case "ke":
		return "che"
	case "anke":
		return "anche"
	case "qnd":
		return "quando"
	case "nnt":
		return "niente"
	case "grz", "graz":
		return "grazie"
	case "sn":
		return "sono"
	case "tt":
		return "tutto"
	case "dv":
		return "dove"
	case "u":
		return "you"
	case "ur":
		return "your"
	case "thx", "tnx", "thnx":
		return "thanks"
	case "plz", "pls":
		return "please"
	case "gr8":
		return "great"
	case "cuz", "coz":
		return "because"
	case "ppl":
		return "people"
	case "rly":
		return "really"
	}
	return ""
}
