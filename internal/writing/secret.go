package writing

import (
	"math"
	"strings"
)

// key is how the keys of a service look, as it documents them.
type key struct {
	begin string
	least int // letters and digits behind it
	of    string
}

// keys begin so. Longer beginnings stand before shorter ones.
var keys = []key{
	{"github_pat_", 40, "GitHub"},
	{"ghp_", 30, "GitHub"},
	{"gho_", 30, "GitHub"},
	{"ghu_", 30, "GitHub"},
	{"ghs_", 30, "GitHub"},
	{"ghr_", 30, "GitHub"},
	{"glpat-", 20, "GitLab"},
	{"AKIA", 16, "Amazon Web Services"},
	{"ASIA", 16, "Amazon Web Services"},
	{"AIza", 35, "Google"},
	{"GOCSPX-", 20, "Google"},
	{"ya29.", 20, "Google"},
	{"sk_live_", 16, "Stripe"},
	{"sk_test_", 16, "Stripe"},
	{"rk_live_", 16, "Stripe"},
	{"whsec_", 20, "Stripe"},
	{"sk-ant-", 20, "Anthropic"},
	{"sk-proj-", 20, "OpenAI"},
	{"sk-", 32, "OpenAI"},
	{"xoxb-", 20, "Slack"},
	{"xoxp-", 20, "Slack"},
	{"xoxa-", 20, "Slack"},
	{"xoxs-", 20, "Slack"},
	{"xapp-", 20, "Slack"},
	{"npm_", 30, "npm"},
	{"pypi-", 40, "PyPI"},
	{"SG.", 20, "SendGrid"},
	{"key-", 32, "Mailgun"},
	{"dop_v1_", 40, "DigitalOcean"},
	{"hf_", 30, "Hugging Face"},
	{"shpat_", 30, "Shopify"},
	{"shpss_", 30, "Shopify"},
	{"EAAG", 60, "Meta"},
	{"EAAB", 60, "Meta"},
	{"IGQV", 60, "Instagram"},
	{"AGE-SECRET-KEY-1", 40, "age"},
	{"eyJ", 40, "JSON Web Token"},
}

// keys tells of private keys, of keys of services that are known by their beginning, and of addresses that carry a password.
func (s *search) keys() {
	for at := 0; ; {
		i := strings.Index(s.body[at:], "-----BEGIN ")
		if i < 0 {
			break
		}
		from := at + i
		line, _, _ := strings.Cut(s.body[from:min(len(s.body), from+80)], "\n")
		at = from + len("-----BEGIN ")
		j := strings.Index(line, "PRIVATE KEY-----")
		if j < 0 {
			continue
		}
		to := from + j + len("PRIVATE KEY-----")
		if j := strings.Index(s.body[to:], "-----END "); j >= 0 {
			rest := s.body[to+j+len("-----END "):]
			k := strings.Index(rest[:min(len(rest), 60)], "-----")
			if k >= 0 {
				to += j + len("-----END ") + k + len("-----")
			}
		}
		s.found(Advice{Kind: Secret, Level: Confirm, Key: "writing.secret.privatekey", Start: from, End: to}, false)
		at = to
	}
	for i := 0; i < len(s.body); {
		end := tokenEnd(s.body, i)
		if end-i >= 16 || end > i && end < len(s.body) && (s.body[end] == '.' || s.body[end] == ':') {
			if to, of := keyAt(s.body, i); of != "" {
				s.found(Advice{Kind: Secret, Level: Confirm, Key: "writing.secret.key", Start: i, End: to, Args: map[string]any{"of": of}}, false)
				end = to
			}
		}
		i = max(end, i+1)
	}
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind == anAddress && carries(s.body[t.start:t.end]) {
			s.found(Advice{Kind: Secret, Level: Confirm, Key: "writing.secret.address", Start: t.start, End: t.end}, false)
		}
	}
}

// keyAt gives the end of the key that begins at i, and the service that gave it.
func keyAt(body string, i int) (end int, of string) {
	if digitAt(body, i) { // 123456789:AA…, as Telegram gives them to bots
		n := i
		for digitAt(body, n) && n-i < 12 {
			n++
		}
		if n-i >= 8 && n < len(body) && body[n] == ':' {
			if end := tokenEnd(body, n+1); end-n-1 >= 34 && end-n-1 <= 40 && mixed(body[n+1:end]) {
				return end, "Telegram"
			}
		}
		return 0, ""
	}
	for _, k := range keys {
		if !strings.HasPrefix(body[i:], k.begin) {
			continue
		}
		from := i + len(k.begin)
		end := tokenEnd(body, from)
		for range 4 { // a JSON Web Token has at most five parts
			if end < len(body)-1 && body[end] == '.' && alnum(body[end+1]) && (k.begin == "eyJ" || k.begin == "SG.") {
				end = tokenEnd(body, end+1)
			}
		}
		if end-from >= k.least && mixed(body[from:end]) {
			return end, k.of
		}
	}
	return 0, ""
}

// tokenEnd gives where letters, digits, _ and - end.
func tokenEnd(body string, i int) int {
	for i < len(body) && (alnum(body[i]) || body[i] == '_' || body[i] == '-') {
		i++
	}
	return i
}

// mixed tells whether a text has letters and digits.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, letter)
}

// carries tells whether an address carries a password: before its server, or as an argument called so.
func carries(address string) bool {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		server, _, _ := strings.Cut(rest, "/")
		if who, _, ok := strings.Cut(server, "@"); ok && strings.Contains(who, ":") {
			return true
		}
	}
	_, query, _ := strings.Cut(address, "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch strings.ToLower(name) {
		case "token", "access_token", "api_key", "apikey", "key", "secret", "password", "pwd", "client_secret", "auth":
			if len(value) >= 16 && mixed(value) || len(value) >= 6 && strings.HasPrefix(strings.ToLower(name), "pass") {
				return true
			}
		}
	}
	return false
}

// passwords tells of what is said to be a password: behind a colon, an equals sign or is.
func (s *search) passwords() {
	for _, h := range s.hits {
		if h.in != inPassword {
			continue
		}
		from, end, firm := s.value(s.tokens[h.to-1].end)
		if from < 0 {
			continue
		}
		v := s.body[from:end]
		figures := len(digitsOf(v)) == len(v)
		word := h.words[len(h.words)-1]
		switch {
		case figures && (word == "pin" || word == "puk" || word == "accesso" || word == "segreto" || word == "passcode" || word == "code"):
			if len(v) < 4 || len(v) > 10 {
				continue
			}
		case figures:
			if len(v) < 6 {
				continue
			}
		case len(v) >= 6 && (mixed(v) || strings.ContainsAny(v, "!#$%&*+=?@_^~")):
		case firm && len(v) >= 4 && s.lineEnds(end):
		default:
			continue
		}
		s.found(Advice{Kind: Secret, Level: Confirm, Key: "writing.secret.password", Start: from, End: end}, false)
	}
}

// between is how many bytes may stand between password and what says which: the password of the Wi-Fi is …
const between = 40

// value gives the word that a colon, an equals sign (firm) or is says something to be; from is -1 when there is none.
func (s *search) value(i int) (from, end int, firm bool) {
	rest := s.body[i:min(len(s.body), i+120)]
	at, n := -1, 0
	for k := 0; k < len(rest) && k < between && at < 0; k++ {
		switch c := rest[k]; {
		case c == ':' || c == '=':
			at, n, firm = k, 1, true
		case c == ' ':
			for _, is := range []string{" è ", " e' ", " e’ ", " is ", " sarà ", " will be "} {
				if strings.HasPrefix(rest[k:], is) {
					at, n = k, len(is)
				}
			}
		case strings.IndexByte(".!?;,\n(", c) >= 0:
			return -1, 0, false
		}
	}
	if at < 0 {
		return -1, 0, false
	}
	trimmed := rest[at+n:]
	trimmed = strings.TrimLeft(trimmed, " *\"“«'`")
	from = i + len(rest) - len(trimmed)
	end = from
	for end < len(s.body) && end-from < 100 && s.body[end] > ' ' && s.body[end] < 0x7f {
		end++
	}
	for end > from && strings.IndexByte(".,;:)\"'`*", s.body[end-1]) >= 0 {
		end--
	}
	if end == from || strings.HasPrefix(s.body[from:end], "http") {
		return -1, 0, false
	}
	return from, end, firm
}

// lineEnds tells whether nothing but signs comes behind in its line.
func (s *search) lineEnds(i int) bool {
	line, _, _ := strings.Cut(s.body[i:min(len(s.body), i+200)], "\n")
	return !strings.ContainsFunc(line, letter)
}

// What random letters are.
const (
	leastRandom  = 20
	leastEntropy = 3.0 // bits for each of them
	mostRandom   = 512 // bytes that are looked at
)

// random tells of long runs of letters and digits that nobody would write by hand. Addresses, tags and names of accounts are none.
func (s *search) random() {
	k := 0
	for i := 0; i < len(s.body); {
		if !alnum(s.body[i]) {
			i++
			continue
		}
		end := i
		for end < len(s.body) && (alnum(s.body[end]) || strings.IndexByte("+/_=-", s.body[end]) >= 0) {
			end++
		}
		for k < len(s.tokens) && s.tokens[k].end <= i {
			k++
		}
		at := span{i, end}
		inside := false
		for j := k; j < len(s.tokens) && s.tokens[j].start < end && j < k+64; j++ {
			switch s.tokens[j].kind {
			case anAddress, anEmail, aMention, aTag:
				inside = true
			}
		}
		if !inside && end-i >= leastRandom && randomly(s.body[i:min(end, i+mostRandom)]) {
			s.found(Advice{Kind: Secret, Level: Confirm, Key: "writing.secret.random", Start: at.from, End: at.to}, false)
		}
		i = end
	}
}

// randomly tells whether a run of letters and digits looks thrown: many different ones, and letters, digits and capitals that take turns
// often. An identifier in the form of a UUID is no secret.
func randomly(run string) bool {
	var seen [128]int
	n, turns, digits, letters, hex := 0, 0, 0, 0, 0
	var last byte
	for i := range len(run) {
		c := run[i]
		if !alnum(c) {
			continue
		}
		sort := byte('a')
		switch {
		case c >= '0' && c <= '9':
			sort = '0'
			digits++
		case c >= 'A' && c <= 'Z':
			sort = 'A'
			letters++
		default:
			letters++
		}
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			hex++
		}
		if last != 0 && last != sort && !(last == 'A' && sort == 'a') {
			turns++
		}
		last = sort
		seen[c]++
		n++
	}
	if n < leastRandom || digits == 0 || letters == 0 || 4*turns < n {
		return false
	}
	if hex == n && (n < 32 || n == 32 && len(run) == 36 && run[8] == '-' && run[13] == '-') {
		return false
	}
	entropy := 0.0
	for _, k := range seen {
		if k > 0 {
			p := float64(k) / float64(n)
			entropy -= p * math.Log2(p)
		}
	}
	return entropy >= leastEntropy
}
