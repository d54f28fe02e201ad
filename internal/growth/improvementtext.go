package growth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Canonical is the text of an entry as the record's commitment holds it: one JSON object without spaces, its fields in this
// order, everything that does not change once it is published.
func (i Improvement) Canonical() string {
	type words struct {
		IT string `json:"it"`
		EN string `json:"en"`
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(struct {
		Title  words  `json:"title"`
		Said   words  `json:"said"`
		Did    words  `json:"did"`
		Since  string `json:"since"`
		Quoted string `json:"quoted_as"`
	}{words(i.Title), words(i.Said), words(i.Did), i.Since.UTC().Format(time.RFC3339), i.QuotedAs})
	return strings.TrimSuffix(b.String(), "\n")
}

// prepare drafts the public entry of a case that was changed, and the letters back to everybody who raised it. A draft that is there
// already keeps its text; what was done is taken over, and an approval is gone by that. Nothing is translated: what nobody
// wrote in a language stays empty.
func (g *Growth) prepare(ctx context.Context, tx *store.Tx, actor team.Actor, c Case, did Words, since time.Time) error {
	company, err := g.rooms.Team.Company(ctx, c.Company)
	if err != nil {
		return err
	}
	voices, err := g.voicesOf(ctx, c.Company, c.ID)
	if err != nil {
		return err
	}
	did = did.tidy()
	now := g.rooms.Clock.Now()
	i, err := g.improvementOfCase(ctx, c.Company, c.ID)
	if err != nil {
		return err
	}
	fresh := i == nil || i.State == ImprovementPublished
	if fresh {
		i = &Improvement{
			ID: ImprovementID(improvementKind.New(now)), Company: c.Company, Case: c.ID, Handle: record.NewHandle(), Leaf: -1,
			Title: c.PublicTitle(company.Locale), Stone: inLanguage(company.Locale, stone(c.Title)),
		}
		if did.Empty() {
			did = inLanguage(company.Locale, c.Plan)
		}
		if err := g.quote(ctx, i, voices, company.Locale); err != nil {
			return err
		}
	}
	if !did.Empty() {
		i.Did = did // what is too long is said when it is to go out: nothing is cut behind anybody's back
	}
	i.Since, i.State, i.ApprovedBy, i.ApprovedAt = since, ImprovementDraft, "", time.Time{}
	i.measure(voices, now, company.Location())
	if fresh {
		err = g.insertImprovement(ctx, tx, *i)
	} else {
		err = g.saveImprovement(ctx, tx, *i)
	}
	if err != nil {
		return err
	}
	return g.prepareLetters(ctx, tx, company, c, *i, voices)
}

// inLanguage puts a text under its language.
func inLanguage(lang, s string) Words {
	if lang == "en" {
		return Words{EN: s}
	}
	return Words{IT: s}
}

// quote begins an entry with the words that say best what was wrong.
func (g *Growth) quote(ctx context.Context, i *Improvement, voices []Voice, locale string) error {
	langs, err := g.languages(ctx, i.Company, voices, locale)
	if err != nil {
		return err
	}
	i.Said, i.quoted = Words{}, ""
	var best *Voice
	var most int
	for n := range voices {
		if v := &voices[n]; v.Text != "" && v.Identity != "" {
			if s := quotable(*v, langs[v.ID] == locale); best == nil || s > most {
				best, most = v, s
			}
		}
	}
	if best != nil {
		i.Said = inLanguage(langs[best.ID], text.Cut(anonymous(cmp.Or(best.Quote, best.Text), best.From), maxSaid))
		i.quoted = best.ID
	}
	i.QuotedAs = quotedAs(voices, i.quoted)
	return nil
}

// quotedAs is how the person behind a voice is named: as they agreed to be, else not at all.
func quotedAs(voices []Voice, id CriticismID) string {
	for _, v := range voices {
		if v.ID == id && v.Named {
			return firstAndInitial(v.From.Name)
		}
	}
	return ""
}

// requote has the draft of a case follow when a member changes how its voices are quoted, or when one of them (of) was edited or taken back.
// What a member wrote stays, unless it is made of words that were taken back. An approval was of other words, and is gone.
func (g *Growth) requote(ctx context.Context, tx *store.Tx, c team.CompanyID, id CaseID, of CriticismID) error {
	i, err := g.improvementOfCase(ctx, c, id)
	if err != nil || i == nil || i.State == ImprovementPublished {
		return err
	}
	voices, err := g.voicesOf(ctx, c, id)
	if err != nil {
		return err
	}
	said, as := i.Said, i.QuotedAs
	if of != "" && !i.own && i.quoted != of {
		return nil
	}
	if of != "" && i.own {
		if i.own, err = g.keepsOwn(ctx, *i, voices, of); err != nil {
			return err
		}
	}
	if i.own {
		i.QuotedAs = quotedAs(voices, i.quoted)
	} else {
		company, err := g.rooms.Team.Company(ctx, c)
		if err != nil {
			return err
		}
		if err := g.quote(ctx, i, voices, company.Locale); err != nil {
			return err
		}
	}
	if i.Said == said && i.QuotedAs == as {
		return nil
	}
	i.State, i.ApprovedBy, i.ApprovedAt = ImprovementDraft, "", time.Time{}
	return g.saveImprovement(ctx, tx, *i)
}

// borrowed is how many words in a row make a text a quotation.
const borrowed = 4

// keepsOwn tells whether what a member wrote into an entry stays when one of the voices was taken back: not when it is made of its words.
func (g *Growth) keepsOwn(ctx context.Context, i Improvement, voices []Voice, taken CriticismID) (bool, error) {
	at := slices.IndexFunc(voices, func(v Voice) bool { return v.ID == taken })
	if at < 0 || voices[at].Interaction == "" {
		return true, nil
	}
	id := voices[at].Interaction
	found, err := g.rooms.Inbox.InteractionsByID(ctx, i.Company, []inbox.InteractionID{id})
	if err != nil || found[id].DeletedAt.IsZero() {
		return true, err
	}
	theirs := strings.Join(plain(found[id].Text), " ")
	for _, said := range []string{i.Said.IT, i.Said.EN} {
		ours := plain(said)
		if len(ours) > 0 && len(ours) < borrowed && strings.Contains(theirs, strings.Join(ours, " ")) {
			return false, nil
		}
		for n := 0; n+borrowed <= len(ours); n++ {
			if strings.Contains(" "+theirs+" ", " "+strings.Join(ours[n:n+borrowed], " ")+" ") {
				return false, nil
			}
		}
	}
	return true, nil
}

// plain are the words of a text, without case, accents and marks.
func plain(s string) []string {
	return strings.FieldsFunc(text.Fold(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 128 })
}

// quotable says how well words serve as a quotation: chosen by a member first, then said in public, in the company's language,
// neither two words nor a page.
func quotable(v Voice, ours bool) (score int) {
	if v.Quote != "" {
		score += 8
	}
	if v.Public {
		score += 4
	}
	if ours {
		score += 2
	}
	if n := text.Graphemes(v.Text); n >= 25 && n <= 240 {
		score++
	}
	return score
}

var (
	addresses = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|@[\w.-]+(?:@[\w.-]+)?`)
	numbers   = regexp.MustCompile(`\+?\d(?:[ -]?\d){6,}`) // of telephones and orders, not dates with strokes or dots
	spaces    = regexp.MustCompile(`[ \t]+`)
)

// anonymous takes out of words what names people or leads to them: handles, addresses, telephone and order numbers, and the
// writer's own name. A person reads them again before anybody else does.
func anonymous(s string, from audience.Identity) string {
	s = numbers.ReplaceAllString(addresses.ReplaceAllString(s, ""), text.Ellipsis)
	for _, name := range append([]string{from.Name, from.Handle}, strings.Fields(from.Name)...) {
		if len([]rune(name)) > 2 {
			s = regexp.MustCompile(`(?i)(^|[^\p{L}\p{N}])`+regexp.QuoteMeta(name)+`($|[^\p{L}\p{N}])`).ReplaceAllString(s, "${1}"+text.Ellipsis+"${2}")
		}
	}
	return strings.TrimSpace(spaces.ReplaceAllString(s, " "))
}

// firstAndInitial names a person as they agreed to be named: Elena C.
func firstAndInitial(name string) string {
	words := strings.Fields(name)
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return words[0] + " " + string([]rune(words[len(words)-1])[:1]) + "."
}

// plainWords are words of a title that stand for nothing by themselves.
var plainWords = strings.Fields("alla alle allo agli anche che come con dal dalla dalle degli del della delle dello dopo nel nella nelle non per più " +
	"poco quando quella quello senza sono sul sulla sulle sullo sugli tra troppa troppe troppi troppo una uno and are for from has have its not our " +
	"out over that the their they this too very was when with without your")

// stone is the word of a title that stands on a stone of the arch: the first that stands for something.
func stone(title string) string {
	for _, w := range strings.Fields(title) {
		w = strings.Trim(w, ".,;:()«»\"'’!?")
		if i := strings.LastIndexAny(w, "'’"); i >= 0 { // l'ordine
			_, w, _ = strings.Cut(w[i:], string([]rune(w[i:])[0]))
		}
		w = strings.ToLower(w)
		if n := text.Graphemes(w); n > 2 && n <= maxStone && !slices.Contains(plainWords, w) {
			return w
		}
	}
	return ""
}

// unquote takes the words of a person who is erased out of an entry.
func (g *Growth) unquote(i *Improvement) {
	for lang, said := range map[string]*string{"it": &i.Said.IT, "en": &i.Said.EN} {
		if *said != "" {
			*said = g.unless("", lang, "growth.improvement.erased")
		}
	}
	i.QuotedAs, i.quoted, i.Salt = "", "", nil
}
