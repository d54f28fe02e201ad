package link

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/team"
)

// Action is what opening a link begins, beside reading a page. It is stored in the database.
type Action string

// The actions; "" a page is read.
const (
	Call  Action = "call"  // a telephone with the number
	Write Action = "write" // a letter to an address
	Chat  Action = "chat"  // a message
	Go    Action = "way"   // the way to a place
)

// Actions are these in the order in which they are shown.
var Actions = []Action{Call, Write, Chat, Go}

// ways to places, and talks, on the web: hosts, each with what the path must begin with.
var (
	mapHosts  = map[string][]string{"maps.app.goo.gl": {"/"}, "goo.gl": {"/maps"}, "maps.apple.com": {""}, "waze.com": {"/ul", "/live-map"}, "openstreetmap.org": {"/directions", "/node", "/way"}}
	chatHosts = map[string][]string{"wa.me": {"/"}, "api.whatsapp.com": {"/send"}, "m.me": {"/"}}
	google    = regexp.MustCompile(`^(maps\.)?google\.(com|[a-z]{2}|co\.[a-z]{2})$`)
)

// actionOf tells what opening a target begins.
func actionOf(target string) Action {
	switch u, err := url.Parse(target); {
	case err != nil:
		return ""
	case u.Scheme == "tel":
		return Call
	case u.Scheme == "mailto":
		return Write
	default:
		host := strings.TrimPrefix(u.Hostname(), "www.")
		on := func(hosts map[string][]string) bool {
			return slices.ContainsFunc(hosts[host], func(begin string) bool { return strings.HasPrefix(u.Path, begin) })
		}
		switch {
		case on(chatHosts):
			return Chat
		case on(mapHosts), google.MatchString(host) && (strings.HasPrefix(host, "maps.") || strings.HasPrefix(u.Path, "/maps")):
			return Go
		}
	}
	return ""
}

// Web tells whether a target is a page of the web, which a browser is led to at once. A number and an address are shown on a page of the house.
func Web(target string) bool { return strings.HasPrefix(target, "http") }

var (
	number  = regexp.MustCompile(`^\+?[0-9]{3,15}$`)
	written = regexp.MustCompile(`^\+[0-9][0-9 ()./-]{5,30}$`) // a number as people write it
	between = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "")
)

// cleanReach gives a telephone number or a mail address as it is kept; ok is false when the target is neither.
func cleanReach(s string) (address, wrong string, ok bool) {
	scheme, rest, has := strings.Cut(s, ":")
	switch scheme = strings.ToLower(scheme); {
	case has && scheme == "tel", written.MatchString(s):
		if has {
			s = rest
		}
		if s = between.Replace(s); !number.MatchString(s) {
			return "", "link.target.number", true
		}
		return "tel:" + s, "", true
	case has && scheme == "mailto", !has && !strings.Contains(s, "/") && strings.Contains(s, "@"):
		if has {
			s = rest
		}
		to, query, _ := strings.Cut(s, "?")
		if plain, err := url.PathUnescape(to); err == nil {
			to = plain
		}
		a, err := mail.ParseAddress(to)
		if err != nil || a.Address != to || strings.ContainsAny(to, "\"%&?#") {
			return "", "link.target.mail", true
		}
		out := "mailto:" + to
		values, _ := url.ParseQuery(query) // what cannot be read is left out
		sign := "?"
		for _, k := range []string{"subject", "body"} {
			if v := values.Get(k); v != "" {
				out += sign + k + "=" + strings.ReplaceAll(url.QueryEscape(v), "+", "%20") // RFC 6068: a plus is a plus
				sign = "&"
			}
		}
		return out, "", true
	}
	return "", "", false
}

// Acted is how often links of a channel and a campaign that begin something were opened.
type Acted struct {
	Channel, Campaign string
	Action            Action
	Visits            int64
}

// Acts gives how often links that begin a call, a letter, a message or a way were opened in a stretch of days, both ends included, and which links
// these are. An opening is no lead yet: nobody knows whether somebody called. It needs LinksRead.
func (l *Links) Acts(ctx context.Context, actor team.Actor, from, to Day) (all []Acted, which map[ID]Action, err error) {
	if err := actor.May(team.LinksRead); err != nil {
		return nil, nil, err
	}
	if which, err = l.readActing(ctx, actor.Company); err == nil && len(which) > 0 {
		all, err = l.readActs(ctx, actor.Company, from, to)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("link.Acts: %w", err)
	}
	return all, which, nil
}
