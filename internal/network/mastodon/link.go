package mastodon

import (
	"net/url"
	"strings"
)

// parseLink reads a Link header (RFC 8288 section 3) as far as paging needs it: the address for each relation, of
// several with the same relation the first.
func parseLink(header string) map[string]*url.URL {
	out := map[string]*url.URL{}
	for header != "" {
		_, rest, ok := strings.Cut(header, "<")
		if !ok {
			return out
		}
		target, rest, ok := strings.Cut(rest, ">")
		if !ok {
			return out
		}
		var params string
		params, header = cutUnquoted(rest, ',')
		u, err := url.Parse(strings.TrimSpace(target))
		if err != nil {
			continue
		}
		for params != "" {
			var p string
			p, params = cutUnquoted(params, ';')
			name, value, _ := strings.Cut(p, "=")
			if !strings.EqualFold(strings.TrimSpace(name), "rel") {
				continue
			}
			for _, rel := range strings.Fields(strings.Trim(strings.TrimSpace(value), `"`)) {
				rel = strings.ToLower(rel)
				if out[rel] == nil {
					out[rel] = u
				}
			}
		}
	}
	return out
}

// cutUnquoted cuts s at the first sep outside double quotes.
func cutUnquoted(s string, sep byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// pages are the positions that an answer names: the newest it lists, and where what is older begins.
func pages(a answer) (newest, older string) {
	links := parseLink(strings.Join(a.header.Values("Link"), ", "))
	if u := links["prev"]; u != nil {
		q := u.Query()
		if newest = q.Get("min_id"); newest == "" {
			newest = q.Get("since_id")
		}
	}
	if u := links["next"]; u != nil {
		older = u.Query().Get("max_id")
	}
	return newest, older
}
