package link

import (
	"net"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/text"
)

// The devices a link can have targets of its own for.
const (
	IOS     = "ios"
	Android = "android"
	Desktop = "desktop"
)

// DeviceNames are these in the order in which they are shown.
var DeviceNames = []string{IOS, Android, Desktop}

// tagNames are the parameters of UTM in the order in which they are written.
var tagNames = []string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"}

func (x *Link) tags() []*string {
	return []*string{&x.Source, &x.Medium, &x.Campaign, &x.Term, &x.Content}
}

// readTags takes the parameters of UTM out of a target into the fields that are empty: who pastes an address that has them has said them.
func (x *Link) readTags() {
	before, fragment, hash := strings.Cut(x.Target, "#")
	address, query, has := strings.Cut(before, "?")
	if !has {
		return
	}
	fields := map[string]*string{}
	for i, f := range x.tags() {
		fields[tagNames[i]] = f
	}
	var rest []string
	for _, pair := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		f := fields[strings.ToLower(key)]
		if f == nil {
			rest = append(rest, pair)
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil && *f == "" {
			*f = strings.TrimSpace(plain)
		}
	}
	if len(rest) > 0 {
		address += "?" + strings.Join(rest, "&")
	}
	if hash {
		address += "#" + fragment
	}
	x.Target = address
}

// Leads gives a target as it is opened: with the parameters of UTM that are set and that it does not have yet.
func (x Link) Leads(target string) string {
	if !Web(target) {
		return target
	}
	before, fragment, hash := strings.Cut(target, "#")
	for i, f := range x.tags() {
		if *f != "" && !strings.Contains(strings.ToLower(before), tagNames[i]+"=") {
			before = withParam(before, tagNames[i], *f)
		}
	}
	if hash {
		before += "#" + fragment
	}
	return before
}

// withParam adds a parameter to an address without a fragment.
func withParam(address, name, value string) string {
	switch _, query, has := strings.Cut(address, "?"); {
	case !has:
		address += "?"
	case query != "" && !strings.HasSuffix(query, "&"):
		address += "&"
	}
	return address + name + "=" + url.QueryEscape(value)
}

// cleanTarget gives an address as it is kept, or the key of what is wrong with it.
func cleanTarget(s string) (address, wrong string) {
	s = strings.TrimSpace(s)
	if len(s) <= maxTarget {
		if address, wrong, ok := cleanReach(s); ok {
			return address, wrong
		}
	}
	if s != "" && !strings.Contains(s, "://") && strings.Contains(s, ".") && !strings.HasPrefix(s, "/") {
		s = "https://" + s // as people write it
	}
	u, err := url.Parse(s)
	switch {
	case s == "":
		return "", "link.target.empty"
	case len(s) > maxTarget:
		return "", "link.target.long"
	case err != nil || u.Host == "" || u.Hostname() == "" || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "", "link.target.wrong"
	case u.Scheme != "http" && u.Scheme != "https":
		return "", "link.target.scheme"
	case u.User != nil:
		return "", "link.target.user"
	}
	host, err := idna.Lookup.ToASCII(u.Hostname()) // as it stands in a header
	if err != nil {
		if net.ParseIP(u.Hostname()) == nil {
			return "", "link.target.wrong"
		}
		host = u.Hostname()
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if u.Port() != "" {
		host += ":" + u.Port()
	}
	return u.Scheme + "://" + host + rest(u), ""
}

func rest(u *url.URL) string {
	out := u.EscapedPath()
	if u.RawQuery != "" || u.ForceQuery {
		out += "?" + escapeQuery(u.RawQuery)
	}
	if u.Fragment != "" {
		out += "#" + u.EscapedFragment()
	}
	return out
}

// escapeQuery writes what is not ASCII in a query as bytes in percent.
func escapeQuery(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '<' || c == '>' {
			b.WriteString(url.QueryEscape(string([]byte{c})))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// word gives a short text as it is kept, or tells that it is too long.
func word(s string, most int) (string, bool) {
	s = strings.Join(strings.Fields(s), " ")
	return s, text.Graphemes(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// fields collects what is wrong with a form.
type fields []fault.Field

func (f *fields) bad(name, key string, args map[string]any) {
	*f = append(*f, fault.Field{Name: name, Key: key, Args: args})
}
