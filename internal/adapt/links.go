package adapt

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// Link is an address in a text with light marks.
type Link struct {
	Address    string // as it is followed
	Start, End int    // bytes of the text, the mark included
}

// Links gives the links of a text in their order, as Fit finds them: named ones, addresses, and domains that are written as words.
func Links(text string) (all []Link) {
	before := ' '
	for at := 0; at < len(text); {
		n, size := mark(text, at, before, false)
		if size == 0 {
			before, size = utf8.DecodeRuneInString(text[at:])
			at += size
			continue
		}
		if n.kind == link {
			all = append(all, Link{Address: n.value, Start: at, End: at + size})
		}
		at += size
		before, _ = utf8.DecodeLastRuneInString(text[:at])
	}
	return all
}

// Whole tells whether an address can be one of the open web: under a domain that exists, or a bare number. What somebody is still typing
// mostly is not.
func (l Link) Whole() bool {
	u, err := url.Parse(l.Address)
	if err != nil || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	suffix, known := publicsuffix.PublicSuffix(host)
	return strings.HasSuffix(host, "."+suffix) && (known || strings.Contains(suffix, "."))
}

// Mark gives an address with the parameters that tell a network's visits, as Fit writes it into a text.
func (u *UTM) Mark(address string, n Network) string {
	if u == nil || n == Site {
		return address
	}
	return u.add(address, n)
}
