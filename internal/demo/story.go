package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// both is a text in both languages.
type both struct{ IT, EN string }

func (w both) growth() growth.Words { return growth.Words{IT: w.IT, EN: w.EN} }

// story is what became of the sample's criticism, as content/crescita.json tells it. Moments are written as in the months:
// "-40 11:00" a day and clock, "+3d 18:00" one to come, "-1h" so long before the moment.
type story struct {
	Settings struct {
		Title, Lede, Promise both
		WriteTo              string `json:"write_to"`
	}
	Cases    []storyCase
	Promises []storyPromise
	Doubts   storyDoubts
}

type storyCase struct {
	Title, Theme, By, Owner string
	PublicTitle             both `json:"public_title"` // what strangers read while it is open; empty: the title
	Opened, Due             string
	Voices                  []string // words that stand in what they wrote, and nowhere else
	Tasks                   []string
	Evidence                []struct {
		Kind, Text, URL, Value string
		OutOf                  string `json:"out_of"`
	}
	Cause, Understood string
	Plan, Changing    string
	Changed           string
	Did               both
	Entry             struct{ Title, Stone, Said both }
	Published         string
	Letters           int      // how many of them are written to
	Better            []string // what those answer who say that it is better, one each
	Later             struct { // what is added to the entry
		At, IT, EN string
	}
	Again    *storyAgain // it did not work: the case is taken up again
	Declined string
	Reason   both
}

type storyAgain struct {
	Opened, Due       string
	Cause, Understood string
	Plan, Changing    string
}

type storyPromise struct {
	To, At, By, Owner, Text, Due string
	Kept, Note                   string
}

// scene is one thing that happens, at its moment.
type scene struct {
	at time.Time
	do func(ctx context.Context) error
}

func readStory() (story, error) {
	var s story
	b, err := fs.ReadFile(content, "content/crescita.json")
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	return s, err
}

// when reads a moment of the story.
func (f *filler) when(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	at, _, err := f.calendar.take(strings.Fields(s), f.sample.Moment, f.sample.ReplyTarget, f.sample.ReplyInOpenHours)
	if err != nil {
		return at, fmt.Errorf("%q: %w", s, err)
	}
	return at, nil
}

// scenes puts the story in the order in which it happens.
func (f *filler) scenes(s story) ([]scene, error) {
	zone, err := time.LoadLocation(f.sample.Zone)
	if err != nil {
		return nil, err
	}
	f.calendar = newCalendar(f.sample.Moment, zone)
	f.calendar.hours = f.sample.Hours
	var out []scene
	var failed error
	add := func(moment string, do func(ctx context.Context) error) {
		at, err := f.when(moment)
		if err != nil && failed == nil {
			failed = err
		}
		out = append(out, scene{at, do})
	}
	for i := range s.Cases {
		c := &s.Cases[i]
		var id growth.CaseID
		add(c.Opened, func(ctx context.Context) (err error) { id, err = f.openCase(ctx, c); return err })
		step := func(moment string, to growth.CaseState, in growth.AdvanceIn) {
			if moment == "" {
				return
			}
			add(moment, func(ctx context.Context) error {
				in.To = to
				return f.Growth.Advance(ctx, f.as(cmp.Or(c.Owner, c.By)), id, in)
			})
		}
		step(c.Understood, growth.CaseUnderstood, growth.AdvanceIn{Cause: c.Cause})
		step(c.Changing, growth.CaseChanging, growth.AdvanceIn{Plan: c.Plan})
		step(c.Changed, growth.CaseChanged, growth.AdvanceIn{Did: c.Did.growth()})
		if c.Published != "" {
			add(c.Published, func(ctx context.Context) error { return f.publish(ctx, c, id) })
		}
		if c.Later.At != "" {
			add(c.Later.At, func(ctx context.Context) error { return f.addLine(ctx, c, id) })
		}
		if a := c.Again; a != nil {
			add(a.Opened, func(ctx context.Context) error { return f.takeUp(ctx, c, id) })
			step(a.Understood, growth.CaseUnderstood, growth.AdvanceIn{Cause: a.Cause})
			step(a.Changing, growth.CaseChanging, growth.AdvanceIn{Plan: a.Plan})
		}
		if c.Declined != "" {
			add(c.Declined, func(ctx context.Context) error {
				return f.Growth.Decline(ctx, f.actor, id, c.Reason.growth())
			})
		}
	}
	for i := range s.Promises {
		p := &s.Promises[i]
		var id growth.PromiseID
		add(p.At, func(ctx context.Context) (err error) { id, err = f.promise(ctx, p); return err })
		if p.Kept != "" {
			add(p.Kept, func(ctx context.Context) error { return f.Growth.Keep(ctx, f.as(p.Owner), id, p.Note) })
		}
	}
	f.doubts = s.Doubts
	for day := -84; day < -1; day++ {
		add(fmt.Sprintf("%d 18:20", day), f.decide)
	}
	slices.SortStableFunc(out, func(a, b scene) int { return a.at.Compare(b.at) })
	return out, failed
}

// as is a member of the sample at work.
func (f *filler) as(key string) team.Actor {
	if m, ok := f.members[key]; ok {
		return m.Actor(team.ViaScreen)
	}
	return f.actor
}

// voice finds what somebody wrote by words of it.
func (f *filler) voice(ctx context.Context, part string) (inbox.Interaction, error) {
	for _, c := range f.sample.Conversations {
		for _, i := range c.Interactions {
			if i.Person == "" || !strings.Contains(i.Text, part) {
				continue
			}
			found, err := f.Inbox.InteractionOn(ctx, f.company.ID, f.channels[c.Channel].ID, remote(c.Channel, i.Key))
			if err != nil {
				return inbox.Interaction{}, fmt.Errorf("%q: %w", part, err)
			}
			return found, nil
		}
	}
	return inbox.Interaction{}, fmt.Errorf("nobody wrote %q", part)
}

func (f *filler) openCase(ctx context.Context, c *storyCase) (growth.CaseID, error) {
	in := growth.OpenIn{Title: c.Title, Theme: triage.Theme(c.Theme), Owner: f.members[c.Owner].ID}
	var err error
	if in.DueAt, err = f.when(c.Due); err != nil {
		return "", err
	}
	for _, v := range c.Voices {
		i, err := f.voice(ctx, v)
		if err != nil {
			f.waiting = append(f.waiting, waits{part: v})
			continue
		}
		in.Interactions = append(in.Interactions, i.ID)
	}
	k, err := f.Growth.Open(ctx, f.as(c.By), in)
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.Title, err)
	}
	for i := range f.waiting {
		if f.waiting[i].into == "" {
			f.waiting[i].into = k.ID
		}
	}
	if c.PublicTitle != (both{}) {
		if err := f.Growth.ChangeCase(ctx, f.as(c.By), k.ID, growth.ChangeCaseIn{
			Title: k.Title, Shown: c.PublicTitle.growth(), Theme: k.Theme, Owner: k.Owner, DueAt: k.DueAt,
		}); err != nil {
			return "", fmt.Errorf("%s: %w", c.Title, err)
		}
	}
	for _, t := range c.Tasks {
		task, err := f.Growth.AddTask(ctx, f.as(c.By), k.ID, t, "")
		if err != nil {
			return "", err
		}
		if c.Changed != "" {
			if err := f.Growth.FinishTask(ctx, f.as(c.By), task.ID, true); err != nil {
				return "", err
			}
		}
	}
	for _, e := range c.Evidence {
		if _, err := f.Growth.AddEvidence(ctx, f.as(cmp.Or(c.Owner, c.By)), k.ID, growth.Evidence{
			Kind: growth.EvidenceKind(e.Kind), Text: e.Text, URL: e.URL, Value: e.Value, OutOf: e.OutOf,
		}); err != nil {
			return "", fmt.Errorf("%s: %w", c.Title, err)
		}
	}
	return k.ID, nil
}

// waits is a voice of a case that is written later than the case is opened.
type waits struct {
	part string
	into growth.CaseID
}

// joinLate puts into their cases the voices that have come meanwhile.
func (f *filler) joinLate(ctx context.Context) error {
	var still []waits
	for _, w := range f.waiting {
		i, err := f.voice(ctx, w.part)
		if err != nil {
			still = append(still, w)
			continue
		}
		if err := f.Growth.Join(ctx, f.actor, w.into, []inbox.InteractionID{i.ID}); err != nil {
			return fmt.Errorf("%q: %w", w.part, err)
		}
	}
	f.waiting = still
	return nil
}

// publish writes the public entry, has the owner publish it, and writes back to some of those who said it.
func (f *filler) publish(ctx context.Context, c *storyCase, id growth.CaseID) error {
	file, err := f.Growth.OpenFile(ctx, f.actor, id)
	if err != nil {
		return err
	}
	e := c.Entry
	if err := f.Growth.ChangeImprovement(ctx, f.as(c.By), file.Improvement.ID, growth.DraftIn{
		Title: e.Title.growth(), Stone: e.Stone.growth(), Said: e.Said.growth(), Did: c.Did.growth(),
	}); err != nil {
		return fmt.Errorf("%s: %w", c.Title, err)
	}
	if err := f.Growth.Publish(ctx, f.actor, file.Improvement.ID); err != nil {
		return fmt.Errorf("%s: %w", c.Title, err)
	}
	for _, l := range file.Letters[:min(c.Letters, len(file.Letters))] {
		if err := f.Growth.SendLetter(ctx, f.actor, l.ID, growth.Said{NoPromise: true}); err != nil {
			return fmt.Errorf("%s: %w", c.Title, err)
		}
	}
	if err := f.bringOut(ctx); err != nil {
		return err
	}
	if file, err = f.Growth.OpenFile(ctx, f.actor, id); err != nil {
		return err
	}
	for n, l := range file.Letters[:min(len(c.Better), len(file.Letters))] {
		r, err := f.Inbox.GetReply(ctx, f.actor, l.Reply) // the letter itself does not keep the secret of its link
		if err != nil {
			return err
		}
		_, token, _ := strings.Cut(r.Text, "/c/")
		if err := f.Growth.AnswerAsked(ctx, strings.TrimRight(firstWord(token), ".,;:"), true, c.Better[n]); err != nil {
			return fmt.Errorf("%s: %w", c.Title, err)
		}
	}
	return nil
}

// addLine adds to the public entry what came of it later.
func (f *filler) addLine(ctx context.Context, c *storyCase, id growth.CaseID) error {
	file, err := f.Growth.OpenFile(ctx, f.actor, id)
	if err != nil {
		return err
	}
	return f.Growth.AddLine(ctx, f.actor, file.Improvement.ID, growth.Words{IT: c.Later.IT, EN: c.Later.EN})
}

// takeUp opens a case again whose change did not help, with a new date.
func (f *filler) takeUp(ctx context.Context, c *storyCase, id growth.CaseID) error {
	if err := f.Growth.Reopen(ctx, f.actor, id); err != nil {
		return err
	}
	file, err := f.Growth.OpenFile(ctx, f.actor, id)
	if err != nil {
		return err
	}
	due, err := f.when(c.Again.Due)
	if err != nil {
		return err
	}
	k := file.Case
	return f.Growth.ChangeCase(ctx, f.actor, id, growth.ChangeCaseIn{
		Title: k.Title, Shown: k.Shown, Theme: k.Theme, Cause: k.Cause, Plan: k.Plan, Owner: k.Owner, DueAt: due,
	})
}

func firstWord(s string) string {
	if w := strings.Fields(s); len(w) > 0 {
		return w[0]
	}
	return ""
}

// promise answers somebody with a promise.
func (f *filler) promise(ctx context.Context, p *storyPromise) (growth.PromiseID, error) {
	i, err := f.voice(ctx, p.To)
	if err != nil {
		return "", err
	}
	due, err := f.when(p.Due)
	if err != nil {
		return "", err
	}
	r, err := f.Growth.Answer(ctx, f.as(p.By), growth.AnswerIn{
		ReplyIn:  inbox.ReplyIn{Conversation: i.Conversation, Answers: i.ID, Text: p.Text, Anyway: true, Finish: inbox.Done},
		Promises: []growth.PromiseIn{{Text: p.Text, Owner: f.members[p.Owner].ID, DueAt: due}},
	})
	if err != nil {
		return "", fmt.Errorf("%q: %w", p.Text, err)
	}
	if err := f.bringOut(ctx); err != nil {
		return "", err
	}
	page, err := f.Growth.Promises(ctx, f.actor, growth.PromiseFilter{Limit: 100})
	if err != nil {
		return "", err
	}
	for _, x := range page.Promises {
		if x.Reply == r.ID {
			return x.ID, nil
		}
	}
	return "", fmt.Errorf("%q promises nothing", p.Text)
}

// bringOut plays to their end the answers that were written just now; on channels of a sample nothing is called.
func (f *filler) bringOut(ctx context.Context) error {
	ids, err := f.Deliveries.Waiting(ctx, f.company.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		// A worker of the running house may be at it at this very moment: then it plays it to its end.
		if _, err := f.Deliveries.Step(ctx, id); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return nil
}

// settle says how the company wants its page to be.
func (f *filler) settle(ctx context.Context, s story) error {
	set, err := f.Growth.Settings(ctx, f.actor)
	if err != nil {
		return err
	}
	set.Open, set.Title, set.Lede, set.Promise, set.WriteTo = true, s.Settings.Title.growth(), s.Settings.Lede.growth(), s.Settings.Promise.growth(), s.Settings.WriteTo
	return f.Growth.ChangeSettings(ctx, f.actor, set)
}

// unfold lets everything arrive as the networks would have brought it, half a day at a time, and the story between.
func (f *filler) unfold(ctx context.Context, items map[string][]network.Item, scenes []scene) error {
	at := f.sample.Moment
	for _, is := range items {
		slices.SortStableFunc(is, func(a, b network.Item) int { return a.At.Compare(b.At) })
		if len(is) > 0 && is[0].At.Before(at) {
			at = is[0].At
		}
	}
	arrive := func(until time.Time) error {
		f.Clock.Set(until)
		for _, c := range f.sample.Channels {
			n := 0
			for n < len(items[c.Key]) && !items[c.Key][n].At.After(until) {
				n++
			}
			for part := range slices.Chunk(items[c.Key][:n], 400) {
				if _, err := f.Networks.Ingest(ctx, f.channels[c.Key], network.Page{Items: part, Cursor: "sample"}); err != nil {
					return err
				}
			}
			items[c.Key] = items[c.Key][n:]
		}
		return f.joinLate(ctx)
	}
	for len(scenes) > 0 || at.Before(f.sample.Moment) {
		at = at.Add(12 * time.Hour)
		if at.After(f.sample.Moment) {
			at = f.sample.Moment
		}
		for len(scenes) > 0 && !scenes[0].at.After(at) {
			if err := arrive(scenes[0].at); err != nil {
				return err
			}
			if err := scenes[0].do(ctx); err != nil {
				return err
			}
			scenes = scenes[1:]
		}
		if err := arrive(at); err != nil {
			return err
		}
	}
	return f.Growth.BringUpToDate(ctx, f.company.ID)
}
