package inbox

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/team"
)

// exportPart is how many interactions, or conversations, are read at once.
const exportPart = 500

// export gives what the inbox has of a person: what they wrote or did, what was answered, what the team noted in conversations
// with them, and what their texts were judged to be.
func (x *Inbox) export(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	if len(s.Identities) == 0 {
		return nil
	}
	for _, f := range []func(context.Context, audience.Subject, func(audience.Entry) error) error{x.exportWritten, x.exportTalks, x.exportVerdicts} {
		if err := f(ctx, s, put); err != nil {
			return fmt.Errorf("inbox.export: %w", err)
		}
	}
	return nil
}

// eachOf walks through everything that a person wrote or did, oldest first.
func (x *Inbox) eachOf(ctx context.Context, s audience.Subject, f func([]interactionRow) error) error {
	var after interactionRow
	for {
		rows, err := x.writtenBy(ctx, s.Company, s.IdentityIDs(), after, exportPart)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := f(rows); err != nil {
			return err
		}
		after = rows[len(rows)-1]
	}
}

func (x *Inbox) exportWritten(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	return x.eachOf(ctx, s, func(rows []interactionRow) error {
		past, err := x.pastOf(ctx, s.Company, rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			e := r.entry(audience.SectionWritten)
			for _, p := range past[r.ID] {
				e.Facts = append(e.Facts, audience.EntryFact{Key: audience.FactBefore, Value: strings.TrimSpace(p.Warning + "\n" + p.Body)})
			}
			if err := put(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// entry is an interaction as it is given out.
func (r interactionRow) entry(section audience.Section) audience.Entry {
	var media, mentions []string
	for _, m := range r.Media {
		media = append(media, strings.TrimSpace(m.URL+" "+m.Alt))
	}
	for _, a := range r.Mentions {
		mentions = append(mentions, "@"+a.Handle)
	}
	stars := ""
	if r.Stars > 0 {
		stars = strconv.Itoa(r.Stars)
	}
	return audience.Entry{Section: section, At: r.At, Text: r.Body, URL: r.URL, Facts: []audience.EntryFact{
		{Key: audience.FactKind, Value: string(r.Kind)},
		{Key: audience.FactVisibility, Value: string(r.Visibility)},
		{Key: audience.FactWarning, Value: r.Warning},
		{Key: audience.FactLanguage, Value: r.Language},
		{Key: audience.FactMedia, Value: strings.Join(media, "\n")},
		{Key: audience.FactMentions, Value: strings.Join(mentions, " ")},
		{Key: audience.FactStars, Value: stars},
		{Key: audience.FactID, Value: r.RemoteID},
		{Key: audience.FactEdited, Value: moment(r.EditedAt)},
		{Key: audience.FactDeleted, Value: moment(r.DeletedAt)},
	}}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// exportTalks gives what was said and noted by us in conversations with a person.
func (x *Inbox) exportTalks(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	w := &erasing{Inbox: x, e: audience.Erasure{Company: s.Company, Identities: s.Identities}}
	talks, err := x.allTalksWith(ctx, s.Company, s.IdentityIDs())
	if err != nil {
		return err
	}
	type talk struct {
		id    ConversationID
		alone bool
	}
	all := make([]talk, 0, len(talks))
	for _, id := range talks {
		rows, err := x.readRows(ctx, s.Company, id)
		if err != nil {
			return err
		}
		gone, kept := w.part(rows)
		all = append(all, talk{id, len(kept) == 0})
		for _, r := range gone {
			if !r.Mine {
				continue
			}
			if err := put(r.entry(audience.SectionAnswers)); err != nil {
				return err
			}
		}
	}
	for _, t := range all {
		if !t.alone { // what the team noted there may be about others
			continue
		}
		if err := x.exportNotes(ctx, s.Company, t.id, put); err != nil {
			return err
		}
	}
	for _, t := range all {
		labels, err := x.labelsOf(ctx, s.Company, []ConversationID{t.id})
		if err != nil {
			return err
		}
		for _, l := range labels[t.id] {
			if err := put(audience.Entry{Section: audience.SectionLabels, Text: l.Name}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *Inbox) exportNotes(ctx context.Context, c team.CompanyID, id ConversationID, put func(audience.Entry) error) error {
	notes, err := x.notes(ctx, c, id)
	if err != nil {
		return err
	}
	for _, n := range notes {
		if err := put(audience.Entry{Section: audience.SectionTalkNotes, At: n.At, Text: n.Text}); err != nil {
			return err
		}
	}
	return nil
}

func (x *Inbox) exportVerdicts(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	return x.eachOf(ctx, s, func(rows []interactionRow) error {
		verdicts, err := x.verdictsOf(ctx, rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			v, ok := verdicts[r.ID]
			if !ok {
				continue
			}
			themes := make([]string, len(v.Themes))
			for i, t := range v.Themes {
				themes[i] = string(t)
			}
			e := audience.Entry{Section: audience.SectionVerdicts, At: r.At, URL: r.URL, Facts: []audience.EntryFact{
				{Key: audience.FactID, Value: r.RemoteID},
				{Key: audience.FactCriticism, Value: string(v.Criticism)},
				{Key: audience.FactTone, Value: string(v.Tone)},
				{Key: audience.FactThemes, Value: strings.Join(themes, " ")},
				{Key: audience.FactUrgency, Value: strconv.Itoa(v.Urgency)},
				{Key: audience.FactCorrected, Value: moment(v.CorrectedAt)},
			}}
			if v.Second != nil {
				e.Text = v.Second.Why
			}
			if err := put(e); err != nil {
				return err
			}
		}
		return nil
	})
}
