package triage

// sameThing gives one name to words, as they are cut for signatures, that customers use for one thing, in either
// language; "" for all others.
func sameThing(stem string) string {
	switch stem {
	case "spot", "pubbli", "reclam", "advert", "ads", "ad", "commer":
		return "ad"
	case "canzon", "musica", "music", "jingl", "jingle", "colonn", "song", "soundt":
		return "music"
	case "camera", "camer", "stanza", "stanz", "room":
		return "room"
	case "telefo", "chiam", "chiamo", "chiama", "chiamat", "centra", "phone", "phon", "call", "called", "callin", "helpli", "squill", "rings", "ring":
		return "phone"
	case "pacco", "pacc", "spediz", "conseg", "ordin", "parcel", "packag", "deliv", "delive", "order", "shippi", "shipp", "shipme":
		return "parcel"
	case "prezz", "cost", "costa", "costan", "car", "price", "pric", "cost*", "expens", "pricey":
		return "price"
	case "intern", "connes", "connec", "wif", "wifi", "rete", "ret", "fibra", "fibr", "broadb", "signal":
		return "net"
	case "fila", "fil", "coda", "cod", "code", "queue", "queu", "line":
		return "queue"
	case "rimbor", "refund", "sold", "money", "soldi":
		return "refund"
	case "camerier", "cameri", "waiter", "waitre":
		return "waiter"
	case "parche", "parkin", "park", "parche*":
		return "parking"
	case "rott", "rot", "framme", "framm", "frantu", "distru", "broken", "brok", "smashe", "smash", "pieces", "piec", "scheg", "schegg":
		return "broken"
	case "newsle", "mailin":
		return "newsletter"
	case "puzz", "puzza", "puzzav", "odor", "odore", "tanf", "smell", "smelle", "stank", "stink":
		return "smell"
	case "sporc", "luri", "lurid", "dirty", "filthy", "dirt":
		return "dirty"
	case "bagn", "doccia", "docc", "bathro", "shower", "toilet":
		return "bath"
	case "fredd", "gelata", "cold":
		return "cold"
	}
	return ""
}
