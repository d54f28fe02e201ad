package audience

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Section is a part of what the house has of a person. It stands in exported files.
type Section string

// The sections, in the order in which rooms give them.
const (
	SectionAccounts   Section = "accounts"   // on networks
	SectionNotes      Section = "notes"      // what the team wrote about them
	SectionMerges     Section = "merges"     // who was taken for the same person
	SectionWritten    Section = "written"    // what they wrote or did, with earlier texts
	SectionAnswers    Section = "answers"    // what we wrote to them
	SectionTalkNotes  Section = "talk_notes" // what the team wrote in conversations with them
	SectionLabels     Section = "labels"     // of conversations with them
	SectionVerdicts   Section = "verdicts"   // what their texts were judged to be
	SectionCriticisms Section = "criticisms" // what they criticised, and what became of it
	SectionLetters    Section = "letters"    // what was written back to them, and what they said to it
	SectionPromises   Section = "promises"   // what they were promised
	SectionPosts      Section = "posts"      // posts of ours that mention them
	SectionTies       Section = "ties"       // whom they are tied to, and what was advised about them
	SectionLeads      Section = "leads"      // what they left to be reached, and what the team wrote to it
	SectionConsents   Section = "consents"   // what they agreed to, to the letter
)

// Sections lists all sections.
var Sections = []Section{
	SectionAccounts, SectionNotes, SectionMerges, SectionWritten, SectionAnswers, SectionTalkNotes, SectionLabels, SectionVerdicts, SectionCriticisms,
	SectionLetters, SectionPromises, SectionPosts, SectionTies, SectionLeads, SectionConsents,
}

// Entry is one thing that the house has of a person.
type Entry struct {
	Section Section
	At      time.Time // zero: no moment
	Text    string
	URL     string
	Facts   []EntryFact
}

// EntryFact is something that is known of an entry besides its text; empty values are left out.
type EntryFact struct {
	Key   FactKey
	Value string
}

// FactKey names a fact. It stands in exported files.
type FactKey string

// The facts.
const (
	FactNetwork    FactKey = "network"
	FactHandle     FactKey = "handle"
	FactName       FactKey = "name"
	FactID         FactKey = "id" // on the network
	FactPicture    FactKey = "picture"
	FactKind       FactKey = "kind"
	FactVisibility FactKey = "visibility"
	FactWarning    FactKey = "warning"
	FactLanguage   FactKey = "language"
	FactMedia      FactKey = "media"
	FactMentions   FactKey = "mentions"
	FactStars      FactKey = "stars"
	FactEdited     FactKey = "edited_at"
	FactDeleted    FactKey = "deleted_at"
	FactBefore     FactKey = "before" // an earlier text
	FactState      FactKey = "state"
	FactKeep       FactKey = "keep"
	FactTone       FactKey = "tone"
	FactThemes     FactKey = "themes"
	FactUrgency    FactKey = "urgency"
	FactCriticism  FactKey = "criticism"
	FactCorrected  FactKey = "corrected_at"
	FactCase       FactKey = "case"
	FactRecord     FactKey = "record" // handle in the public record
	FactAnswered   FactKey = "answered_at"
	FactBetter     FactKey = "better"
	FactDue        FactKey = "due"
	FactFrom       FactKey = "from" // who did it
	FactTo         FactKey = "to"   // towards whom
	FactExpected   FactKey = "expected"
	FactReached    FactKey = "reached"
)

// FactKeys lists all facts.
var FactKeys = []FactKey{
	FactNetwork, FactHandle, FactName, FactID, FactPicture, FactKind, FactVisibility, FactWarning, FactLanguage, FactMedia, FactMentions, FactStars,
	FactEdited, FactDeleted, FactBefore, FactState, FactKeep, FactTone, FactThemes, FactUrgency, FactCriticism, FactCorrected, FactCase,
	FactRecord, FactAnswered, FactBetter, FactDue, FactFrom, FactTo, FactExpected, FactReached,
}

// Subject is the person whose data are exported.
type Subject struct {
	Company    team.CompanyID
	Person     PersonID
	Identities []Identity
}

// IdentityIDs gives the ids of the accounts.
func (s Subject) IdentityIDs() []IdentityID { return Erasure{Identities: s.Identities}.IdentityIDs() }

// Exporter gives what a room has of a person, section by section.
type Exporter func(ctx context.Context, s Subject, put func(Entry) error) error

// OnExport registers what a room gives of a person. Rooms give in the order of registration. It is called while the house is
// built.
func (a *Audience) OnExport(f Exporter) { a.exports = append(a.exports, f) }

// Bundle is everything that the house has of a person, to be read or written.
type Bundle struct {
	Person Person
	At     time.Time

	audience *Audience
	subject  Subject
}

// Export gathers everything that the house has of a person. The register of deeds keeps that it was done. It needs PeopleErase.
func (a *Audience) Export(ctx context.Context, actor team.Actor, p PersonID) (*Bundle, error) {
	if err := actor.May(team.PeopleErase); err != nil {
		return nil, err
	}
	b := &Bundle{At: a.clock.Now(), audience: a}
	err := a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if b.Person, err = a.person(ctx, actor.Company, p); err != nil {
			return err
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{Verb: "audience.export", ObjectKind: "person", ObjectID: string(p)})
	})
	if err != nil {
		return nil, fmt.Errorf("audience.Export: %w", err)
	}
	b.subject = Subject{Company: actor.Company, Person: p, Identities: b.Person.Identities}
	return b, nil
}

// Each gives every entry, section by section.
func (b *Bundle) Each(ctx context.Context, f func(Entry) error) error {
	put := func(e Entry) error {
		facts := e.Facts[:0:0]
		for _, x := range e.Facts {
			if x.Value != "" {
				facts = append(facts, x)
			}
		}
		e.Facts = facts
		return f(e)
	}
	if err := b.own(ctx, put); err != nil {
		return fmt.Errorf("audience.Export: %w", err)
	}
	for _, x := range b.audience.exports {
		if err := x(ctx, b.subject, put); err != nil {
			return fmt.Errorf("audience.Export: %w", err)
		}
	}
	return nil
}

// own gives what this room has.
func (b *Bundle) own(ctx context.Context, put func(Entry) error) error {
	for _, i := range b.Person.Identities {
		err := put(Entry{Section: SectionAccounts, URL: i.URL, Facts: []EntryFact{
			{FactNetwork, string(i.Network)}, {FactHandle, i.Handle}, {FactName, i.Name}, {FactID, i.RemoteID}, {FactPicture, i.AvatarURL},
		}})
		if err != nil {
			return err
		}
	}
	notes, err := b.audience.notes(ctx, b.subject.Company, b.Person.ID)
	if err != nil {
		return err
	}
	for _, n := range notes {
		e := Entry{Section: SectionNotes, At: n.At, Text: n.Body}
		if n.Keep {
			e.Facts = []EntryFact{{FactKeep, "true"}}
		}
		if err := put(e); err != nil {
			return err
		}
	}
	merges, err := b.audience.merges(ctx, b.subject.Company, b.Person.ID)
	if err != nil {
		return err
	}
	for _, m := range merges {
		if err := put(Entry{Section: SectionMerges, At: m.At, Text: m.GoneName}); err != nil {
			return err
		}
	}
	return nil
}

type exportedJSON struct {
	Section Section            `json:"section"`
	At      *time.Time         `json:"at,omitempty"`
	Text    string             `json:"text,omitempty"`
	URL     string             `json:"url,omitempty"`
	Facts   map[FactKey]string `json:"facts,omitempty"`
	Before  []string           `json:"before,omitempty"`
}

func (e Entry) json() exportedJSON {
	j := exportedJSON{Section: e.Section, Text: e.Text, URL: e.URL}
	if !e.At.IsZero() {
		at := e.At.UTC()
		j.At = &at
	}
	for _, x := range e.Facts {
		if x.Key == FactBefore { // there may be several
			j.Before = append(j.Before, x.Value)
			continue
		}
		if j.Facts == nil {
			j.Facts = map[FactKey]string{}
		}
		j.Facts[x.Key] = x.Value
	}
	return j
}

// WriteJSON writes everything for programs: an object with the person and a list of entries.
func (b *Bundle) WriteJSON(ctx context.Context, w io.Writer) error {
	return b.audience.store.Snapshot(ctx, func(ctx context.Context) error { return b.writeJSON(ctx, w) })
}

func (b *Bundle) writeJSON(ctx context.Context, w io.Writer) error {
	head, err := json.Marshal(struct {
		Name  string    `json:"name"`
		Known time.Time `json:"known_since"`
		Seen  time.Time `json:"seen_at"`
	}{b.Person.Name, b.Person.CreatedAt.UTC(), b.Person.SeenAt.UTC()})
	if err != nil {
		return err
	}
	at, err := json.Marshal(b.At.UTC())
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "{\"exported_at\": %s,\n\"person\": %s,\n\"entries\": [", at, head); err != nil {
		return err
	}
	between := "\n"
	err = b.Each(ctx, func(e Entry) error {
		line, err := json.Marshal(e.json())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s%s", between, line)
		between = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

// WriteHTML writes everything as a page for people, in their language.
func (b *Bundle) WriteHTML(ctx context.Context, w io.Writer, words *i18n.Localizer, company team.Company) error {
	return b.audience.store.Snapshot(ctx, func(ctx context.Context) error { return b.writeHTML(ctx, w, words, company) })
}

// WriteZip writes everything as an archive: a page for people, in their language, and the same for programs.
func (b *Bundle) WriteZip(ctx context.Context, w io.Writer, words *i18n.Localizer, company team.Company) error {
	return b.audience.store.Snapshot(ctx, func(ctx context.Context) error {
		z := zip.NewWriter(w)
		for _, part := range []struct {
			name  string
			write func(context.Context, io.Writer) error
		}{
			{words.T("audience.export.page"), func(ctx context.Context, w io.Writer) error { return b.writeHTML(ctx, w, words, company) }},
			{words.T("audience.export.data"), b.writeJSON},
		} {
			f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: b.At})
			if err != nil {
				return fmt.Errorf("audience.WriteZip: %w", err)
			}
			if err := part.write(ctx, f); err != nil {
				return fmt.Errorf("audience.WriteZip: %w", err)
			}
		}
		return z.Close()
	})
}
