package growth

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// linkMark stands for the personal link in a letter as it is kept: who can read the database cannot answer for anybody.
const linkMark = "{link}"

// standIn stands for the token of a link that is not made yet; it is as long as one and opens nothing.
const standIn = "personale-personal-url"

// link is the address of a personal link.
func (g *Growth) link(token string) string {
	base := ""
	if g.rooms.BaseURL != nil {
		base = strings.TrimSuffix(g.rooms.BaseURL(), "/")
	}
	return base + "/c/" + token
}

// shownLink is a stand-in as it was shown, under this address of the house or an earlier one.
var shownLink = regexp.MustCompile(`https?://[^\s/]+(?:/[^\s/]+)*/c/` + standIn)

// withoutLink brings a letter that a member wrote to the form in which it is kept.
func (g *Growth) withoutLink(s string) string {
	return shownLink.ReplaceAllString(strings.ReplaceAll(s, g.link(standIn), linkMark), linkMark)
}

// prepareLetters drafts a letter to each person who raised a case before it was changed and who has none yet: to what
// they wrote last, in their language, as long as their network takes it. Who took back what they wrote gets none.
func (g *Growth) prepareLetters(ctx context.Context, tx *store.Tx, company team.Company, k Case, i Improvement, voices []Voice) error {
	have, err := g.letters(ctx, company.ID, k.ID)
	if err != nil {
		return err
	}
	have = slices.DeleteFunc(have, func(l Letter) bool { return l.improvement != i.ID })
	who := make([]audience.IdentityID, len(have))
	for n, l := range have {
		who[n] = l.identity
	}
	known, err := g.rooms.Audience.IdentitiesByID(ctx, company.ID, who)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, w := range known {
		told[person(w)] = true
	}
	last := startOf(dayOf(i.Since, company.Location())+1, company.Location())
	var to []Voice
	for _, v := range slices.Backward(voices) { // newest first
		if p := person(v.From); v.Text != "" && v.Identity != "" && v.SaidAt.Before(last) && !told[p] {
			told[p] = true
			to = append(to, v)
		}
	}
	if len(to) == 0 {
		return nil
	}
	slices.Reverse(to)
	w, err := g.writer(ctx, company, i, to)
	if err != nil {
		return err
	}
	var ls []Letter
	for _, v := range to {
		body, err := w.write(v)
		if err != nil {
			return err
		}
		ls = append(ls, Letter{
			ID: LetterID(letterKind.New(g.rooms.Clock.Now())), Case: k.ID, Criticism: v.ID, Conversation: v.Conversation, Text: body,
			State: LetterDraft, company: company.ID, improvement: i.ID, identity: v.Identity,
		})
	}
	return g.insertLetters(ctx, tx, ls)
}

// person is who an account belongs to.
func person(i audience.Identity) string {
	if i.Person != "" {
		return string(i.Person)
	}
	return string(i.ID)
}

// writer writes letters.
type writer struct {
	g        *Growth
	company  team.Company
	entry    Improvement
	said     map[inbox.InteractionID]inbox.Interaction
	channels map[network.ChannelID]network.Channel
	langs    map[CriticismID]string
}

func (g *Growth) writer(ctx context.Context, company team.Company, i Improvement, to []Voice) (*writer, error) {
	w := &writer{g: g, company: company, entry: i}
	ids := make([]inbox.InteractionID, len(to))
	for n, v := range to {
		ids[n] = v.Interaction
	}
	var err error
	if w.said, err = g.rooms.Inbox.InteractionsByID(ctx, company.ID, ids); err != nil {
		return nil, err
	}
	if w.channels, err = g.rooms.Networks.ChannelsByID(ctx, company.ID); err != nil {
		return nil, err
	}
	w.langs, err = g.languages(ctx, company.ID, to, company.Locale)
	return w, err
}

// write gives the longest letter that the network takes.
func (w *writer) write(v Voice) (string, error) {
	room, err := w.g.rooms.Inbox.RoomFor(inbox.Thread{
		Channel: w.channels[v.Channel], Interactions: []inbox.Interaction{w.said[v.Interaction]},
		Identities: map[audience.IdentityID]audience.Identity{v.Identity: v.From},
	})
	if err != nil {
		return "", err
	}
	drafts := w.drafts(v)
	for _, s := range drafts {
		l, err := w.g.rooms.Networks.Measure(w.channels[v.Channel], room.Prefix+strings.ReplaceAll(s, linkMark, w.g.link(standIn)))
		if err != nil {
			return "", err
		}
		if l.Fits() {
			return s, nil
		}
	}
	return drafts[len(drafts)-1], nil // a person makes it fit
}

// drafts are the ways to say it, longest first.
func (w *writer) drafts(v Voice) []string {
	lang := w.langs[v.ID]
	words := w.g.rooms.Words.For(lang)
	hello := words.T("growth.letter.hello_nameless")
	if name := strings.Fields(v.From.Name); len(name) > 0 {
		hello = words.T("growth.letter.hello", "name", text.Cut(name[0], 30))
	}
	did := w.entry.Did.IT
	if lang == "en" {
		did = w.entry.Did.EN
	}
	about := map[string]any{"hello": hello, "date": words.Date(v.SaidAt.In(w.company.Location())), "link": linkMark, "did": ended(did)}
	if did == "" { // nobody has said it in their language
		return []string{words.T("growth.letter.plain", about), words.T("growth.letter.short", about)}
	}
	return []string{words.T("growth.letter.long", about), words.T("growth.letter.medium", about), words.T("growth.letter.short", about)}
}

// ended puts a full stop behind a sentence that has no end.
func ended(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, text.Ellipsis) {
		return s
	}
	return s + "."
}

// languages tells for each voice in which of Ponte's languages its writer is spoken to: the one that triage recognised, else the one
// that they declared, else the company's.
func (g *Growth) languages(ctx context.Context, c team.CompanyID, voices []Voice, locale string) (map[CriticismID]string, error) {
	ids := make([]string, 0, len(voices))
	is := make([]inbox.InteractionID, 0, len(voices))
	for _, v := range voices {
		if v.Interaction != "" {
			ids, is = append(ids, string(v.Interaction)), append(is, v.Interaction)
		}
	}
	judged, err := g.rooms.Verdicts.Of(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	said, err := g.rooms.Inbox.InteractionsByID(ctx, c, is)
	if err != nil {
		return nil, err
	}
	out := make(map[CriticismID]string, len(voices))
	for _, v := range voices {
		out[v.ID] = locale
		declared, _, _ := strings.Cut(said[v.Interaction].Language, "-")
		for _, lang := range []string{string(judged[string(v.Interaction)].Judged.Language), declared} {
			if lang == "it" || lang == "en" {
				out[v.ID] = lang
				break
			}
		}
	}
	return out, nil
}
