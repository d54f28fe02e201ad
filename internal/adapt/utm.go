package adapt

import (
	"net/url"
	"strings"
)

// tagged gives the address a link goes out with: what the target makes of it, and with the parameters that tell where
// a visit came from. A parameter that the address already has stays as it is.
func (b *builder) tagged(address string) string {
	if b.target.UTM != nil && b.rules.Network != Site { // a link from a page of one's own is no visit from elsewhere
		address = b.target.UTM.add(address, b.rules.Network)
	}
	if b.target.Link != nil {
		if other := b.target.Link(address); other != "" && !strings.ContainsAny(other, " \t\r\n") {
			return other
		}
	}
	return address
}

func (u *UTM) add(address string, n Network) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" || !u.ours(parsed.Hostname()) {
		return address
	}
	before, fragment, hasFragment := strings.Cut(address, "#")
	_, query, hasQuery := strings.Cut(before, "?")
	has := map[string]bool{}
	for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == ';' }) {
		key, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(key); err == nil {
			key = plain
		}
		has[strings.ToLower(key)] = true
	}
	medium := "social"
	if n == Mail {
		medium = "email"
	}
	var more []string
	for _, p := range []struct{ key, value, usual string }{
		{"utm_source", u.Source, string(n)},
		{"utm_medium", u.Medium, medium},
		{"utm_campaign", u.Campaign, ""},
		{"utm_content", u.Content, ""},
		{"utm_term", u.Term, ""},
	} {
		value := p.value
		if value == "" {
			value = p.usual
		}
		if value != "" && !has[p.key] {
			more = append(more, p.key+"="+url.QueryEscape(value))
		}
	}
	if len(more) == 0 {
		return address
	}
	switch {
	case !hasQuery:
		if parsed.Path == "" {
			before += "/"
		}
		before += "?"
	case query != "" && !strings.HasSuffix(query, "&"):
		before += "&"
	}
	before += strings.Join(more, "&")
	if hasFragment {
		before += "#" + fragment
	}
	return before
}

// ours tells whether links to a host are marked.
func (u *UTM) ours(host string) bool {
	for _, h := range u.Hosts {
		h = strings.ToLower(strings.TrimPrefix(h, "*."))
		if strings.EqualFold(host, h) || strings.HasSuffix(strings.ToLower(host), "."+h) {
			return true
		}
	}
	return len(u.Hosts) == 0
}
