package growth

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Settings are what a company decides about its growth page. The figures are not among them.
type Settings struct {
	Open      bool  // the public page is shown to everybody; else only to members
	Title     Words // "You said it. We worked on it."
	Lede      Words
	Promise   Words       // what the company promises about answering, under the figures
	WriteTo   string      // where people may write: an https address or an e-mail address; "" nowhere
	Approvers []team.Role // who may approve public entries; owners always may
	DecideIn  int         // days within which a doubt should be decided; 1 to 30, 7 by default
	Embed     []string    // origins that may show the page in a frame ("https://www.example.it"); empty: every one
}

// Bounds of what a company decides, in characters, days and origins.
const (
	maxPageTitle  = 80
	maxPageLede   = 400
	maxWriteTo    = 200
	maxDecideIn   = 30
	decideInSelf  = 7 // when nobody has decided
	maxEmbed      = 20
	maxOriginSize = 200
)

// Settings reads what the company decided. It needs GrowthRead.
func (g *Growth) Settings(ctx context.Context, actor team.Actor) (Settings, error) {
	if err := actor.May(team.GrowthRead); err != nil {
		return Settings{}, err
	}
	s, err := g.settingsOf(ctx, actor.Company)
	if err != nil {
		return Settings{}, fmt.Errorf("growth.Settings: %w", err)
	}
	return s, nil
}

// settingsOf gives what a company decided, and what is sensible where it has not.
func (g *Growth) settingsOf(ctx context.Context, c team.CompanyID) (Settings, error) {
	s, _, err := g.settingsVersion(ctx, c)
	return s, err
}

// settingsVersion gives the settings with the version of the page.
func (g *Growth) settingsVersion(ctx context.Context, c team.CompanyID) (Settings, int, error) {
	s, decided, version, err := g.readSettings(ctx, c)
	if err != nil {
		return Settings{}, 0, err
	}
	s.Title.IT, s.Title.EN = g.unless(s.Title.IT, "it", "growth.settings.title"), g.unless(s.Title.EN, "en", "growth.settings.title")
	if !decided {
		s.Lede = Words{IT: g.unless("", "it", "growth.settings.lede"), EN: g.unless("", "en", "growth.settings.lede")}
		s.DecideIn = decideInSelf
	}
	if !slices.Contains(s.Approvers, team.Owner) {
		s.Approvers = append([]team.Role{team.Owner}, s.Approvers...)
	}
	return s, version, nil
}

// unless gives words of the catalog where a company has none of its own.
func (g *Growth) unless(own, lang, key string) string {
	if own != "" || g.rooms.Words == nil {
		return own
	}
	return g.rooms.Words.For(lang).T(key)
}

// ChangeSettings changes it. It needs CompanyChange.
func (g *Growth) ChangeSettings(ctx context.Context, actor team.Actor, s Settings) error {
	if err := actor.May(team.CompanyChange); err != nil {
		return err
	}
	s.Title, s.Lede, s.Promise = s.Title.tidy(), s.Lede.tidy(), s.Promise.tidy()
	s.WriteTo = strings.TrimSpace(s.WriteTo)
	if err := fault.InvalidFields(s.wrong()...); err != nil {
		return err
	}
	for i, o := range s.Embed {
		s.Embed[i], _ = origin(o)
	}
	s.Embed = slices.Compact(slices.Sorted(slices.Values(s.Embed)))
	s.Approvers = slices.Compact(slices.Sorted(slices.Values(s.Approvers)))
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := g.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		if err := g.saveSettings(ctx, tx, actor.Company, s); err != nil {
			return err
		}
		if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{
			Verb: "growth.settings", ObjectKind: "company", ObjectID: string(actor.Company), Detail: map[string]string{"open": fmt.Sprint(s.Open)},
		}); err != nil {
			return err
		}
		return g.touched(ctx, tx, actor.Company)
	})
	if err != nil {
		return fmt.Errorf("growth.ChangeSettings: %w", err)
	}
	return nil
}

// wrong lists everything that cannot be.
func (s Settings) wrong() []fault.Field {
	fields := slices.Concat(s.Title.wrong("title", 0, maxPageTitle), s.Lede.wrong("lede", 0, maxPageLede), s.Promise.wrong("promise", 0, maxPageLede))
	if s.WriteTo != "" && !writable(s.WriteTo) {
		fields = append(fields, fault.Field{Name: "write_to", Key: "growth.settings.write_to"})
	}
	for _, r := range s.Approvers {
		if !slices.Contains(team.Roles, r) {
			fields = append(fields, fault.Field{Name: "approvers", Key: "growth.settings.approvers"})
			break
		}
	}
	if s.DecideIn < 1 || s.DecideIn > maxDecideIn {
		fields = append(fields, fault.Field{Name: "decide_in", Key: "growth.settings.decide_in", Args: map[string]any{"max": maxDecideIn}})
	}
	bad := len(s.Embed) > maxEmbed
	for _, o := range s.Embed {
		_, ok := origin(o)
		bad = bad || !ok
	}
	if bad {
		fields = append(fields, fault.Field{Name: "embed", Key: "growth.settings.embed", Args: map[string]any{"max": maxEmbed}})
	}
	return fields
}

// writable tells whether people can write there.
func writable(s string) bool {
	if len(s) > maxWriteTo {
		return false
	}
	if u, err := url.Parse(s); err == nil && u.Scheme == "https" {
		return u.Host != "" && u.User == nil
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// origin brings an address to the form of an origin: scheme and host, nothing behind it.
func origin(s string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || len(s) > maxOriginSize || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, ";, '\"*") {
		return "", false
	}
	return "https://" + strings.ToLower(u.Host), true
}

// tidy takes away what nobody sees.
func (w Words) tidy() Words { return Words{IT: tidyText(w.IT), EN: tidyText(w.EN)} }

// tidyText trims a text and drops control characters, line breaks apart.
func tidyText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
}

// wrong says where a text is too long in either language, or that it is in none though it must be in one. least is 0 or 1.
func (w Words) wrong(field string, least, most int) (fields []fault.Field) {
	if least > 0 && w.Empty() {
		return []fault.Field{{Name: field, Key: "growth.words.empty"}}
	}
	for _, t := range []struct{ lang, text string }{{"it", w.IT}, {"en", w.EN}} {
		if text.Graphemes(t.text) > most {
			fields = append(fields, fault.Field{Name: field + "_" + t.lang, Key: "growth.words.long", Args: map[string]any{"max": most}})
		}
	}
	return fields
}
