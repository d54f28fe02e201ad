package web

import (
	"net/http"
	"strings"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/web/view"
	"github.com/ponte-desk/ponte/internal/writing"
)

// exampleLength bounds an example on the page, in characters.
const exampleLength = 200

// read reads what the examples of the page point at.
func (x *presenceDesk) read() error {
	var ids []inbox.InteractionID
	for _, f := range x.v.Figures {
		for _, e := range f.Examples {
			ids = append(ids, e.ID)
		}
	}
	var err error
	if x.said, err = x.rooms.Presence.OpenAll(x.ctx(), x.desk.v.actor, ids); err != nil {
		return err
	}
	return x.whose()
}

// whose names who said the examples.
func (x *presenceDesk) whose() error {
	var who []audience.IdentityID
	for _, s := range x.said {
		if i := s.Interaction.Identity; i != "" {
			who = append(who, i)
		}
	}
	found, err := x.rooms.Audience.IdentitiesByID(x.ctx(), x.desk.v.actor.Company, who)
	x.people = map[string]string{}
	for id, i := range found {
		x.people[string(id)] = i.Label()
	}
	return err
}

// meta says who said something, where and when.
func (x *presenceDesk) meta(i inbox.Interaction) string {
	parts := []string{x.desk.v.company.Name}
	if !i.Mine {
		parts[0] = x.people[string(i.Identity)]
		if parts[0] == "" {
			parts[0] = x.t("presencepage.somebody")
		}
	}
	parts = append(parts, view.NetLabel(x.channels[i.Channel].Network), x.shortDate(i.At))
	return strings.Join(parts, ", ")
}

func (x *presenceDesk) example(e presence.Example) (view.PresenceExample, bool) {
	s, ok := x.said[e.ID]
	if !ok {
		return view.PresenceExample{}, false
	}
	out := view.PresenceExample{
		Role: e.Role.Tell(x.desk.v.words), Meta: x.meta(s.Interaction), Href: view.PathPresence + "/said/" + string(e.ID), Ours: s.Interaction.Mine,
	}
	body := s.Interaction.Text
	switch {
	case s.Interaction.Visibility.Private():
		out.Said = []view.Marked{{Text: x.t("presencepage.private")}}
	case e.End > 0 && e.End <= len(body) && e.Start < e.End:
		out.Said = around(body, e.Start, e.End)
	default:
		out.Said = []view.Marked{{Text: text.Cut(body, exampleLength)}}
	}
	return out, true
}

// around gives a sentence marked, with a little of what stands before and after it.
func around(body string, start, end int) []view.Marked {
	const rest = 60
	before, after := body[:start], body[end:]
	if len([]rune(before)) > rest {
		r := []rune(before)
		before = "… " + strings.TrimLeft(string(r[len(r)-rest:]), " ")
	}
	return []view.Marked{{Text: before}, {Text: text.Cut(body[start:end], exampleLength), Mark: true}, {Text: text.Cut(after, rest)}}
}

// showSaid draws one thing that was said, in full, with what was found in it.
func (w *Web) showSaid(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	x := &presenceDesk{desk: d}
	s, err := w.rooms.Presence.Open(r.Context(), d.v.actor, inbox.InteractionID(r.PathValue("id")))
	if err != nil {
		return err
	}
	x.said = map[inbox.InteractionID]presence.Said{s.Interaction.ID: s}
	if err := x.whose(); err != nil {
		return err
	}
	i := s.Interaction
	out := view.PresenceSaid{Title: x.t("presencepage.said.theirs"), Meta: x.meta(i), Ours: i.Mine, Back: view.PathPresence}
	if i.Mine {
		out.Title = x.t("presencepage.said.ours")
	}
	out.Said = x.sentences(s)
	if !i.Visibility.Private() {
		out.Notes = x.notes(s)
	}
	if i.Conversation != "" {
		out.Keys = append(out.Keys, view.KeyProps{Label: x.t("presencepage.said.talk"), Icon: "chat", Href: view.PathInbox + "/" + string(i.Conversation)})
	}
	if at := webAddress(i.URL); at != "" {
		out.Keys = append(out.Keys, view.KeyProps{Label: x.t("presencepage.said.there", "network", view.NetLabel(x.channels[i.Channel].Network)), Icon: "globe", Kind: view.KeyQuiet, Href: at})
	}
	p := w.page(r, view.RoomResults, "presencepage.title")
	return w.show(rw, r, p, view.PresenceSaidPage(p, out))
}

// sentences marks what is about ourselves.
func (x *presenceDesk) sentences(s presence.Said) []view.Marked {
	body := s.Interaction.Text
	if !s.Interaction.Mine {
		return []view.Marked{{Text: body}}
	}
	var out []view.Marked
	at := 0
	for _, t := range s.Sentences {
		if !t.Ours && !t.Praise {
			continue
		}
		say := x.t("presencepage.said.self")
		if t.Praise {
			say = x.t("presencepage.said.praise")
		}
		out = append(out, view.Marked{Text: body[at:t.Start]}, view.Marked{Text: body[t.Start:t.End], Mark: true, Say: say})
		at = t.End
	}
	return append(out, view.Marked{Text: body[at:]})
}

// notes say what was counted in it.
func (x *presenceDesk) notes(s presence.Said) []string {
	var ours, praise, asks int
	var words, letters, syllables int
	for _, t := range s.Sentences {
		if t.Ours {
			ours++
		}
		if t.Praise {
			praise++
		}
		if t.Asks {
			asks++
		}
		words, letters, syllables = words+t.Words, letters+t.Letters, syllables+t.Syllables
	}
	all := x.number(len(s.Sentences))
	var out []string
	if s.Interaction.Mine && s.Language != "" {
		out = append(out, x.t("presencepage.note.self", "n", x.number(ours), "of", all), x.t("presencepage.note.praise", "n", x.number(praise), "of", all))
	}
	out = append(out, x.t("presencepage.note.asks", "n", x.number(asks), "of", all))
	if ease, ok := writing.Ease(s.Language, len(s.Sentences), words, letters, syllables); ok {
		out = append(out, x.t("presencepage.note.ease", "n", x.number(int(ease+.5)), "words", x.number(words)))
	}
	return out
}

// letterKeys are the figures on paper.
var letterKeys = []presence.Key{
	presence.Weeks, presence.Taken, presence.Wait, presence.Self, presence.Replies, presence.Asking, presence.Faced, presence.Ease, presence.People, presence.Site,
}

// showPresenceLetter draws the portrait on one sheet of paper.
func (w *Web) showPresenceLetter(rw http.ResponseWriter, r *http.Request) error {
	x, err := w.presenceDesk(r)
	if err != nil {
		return err
	}
	if x.p == nil || x.p.Short() || len(x.p.Views) == 0 {
		return w.redirect(rw, r, view.PathPresence)
	}
	words := x.desk.v.words
	out := view.PresenceLetter{
		Company: x.desk.v.company.Name, When: words.Date(x.p.At.In(x.zone)), Title: x.t("presencepage.letter.head"), Lede: x.lede(), Lines: x.lines(false),
		Foot: x.t("presencepage.note"), Back: x.href("", x.channel, x.weeks),
	}
	out.Compared = !x.v.Before.IsZero()
	for _, k := range letterKeys {
		f := x.v.Figure(k)
		row := view.PresenceRow{Label: f.Label(words), Now: f.Short(words), Before: "–"}
		if f.Before != nil && f.Before.Of > 0 {
			row.Before = f.Before.Short(words)
		}
		out.Rows = append(out.Rows, row)
	}
	p := w.page(r, view.RoomResults, "presencepage.letter.title")
	return w.show(rw, r, p, view.PresenceLetterPage(p, out))
}
