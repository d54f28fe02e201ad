package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// siteStory is what the sample company writes on its own site and what others say of it, as content/sito.json tells it. Moments are written
// as in the months.
type siteStory struct {
	Articles []siteArticle
	Mentions []siteMention
	Comments []siteComment
}

type siteArticle struct {
	Path, At, Title string
	Text            []string
	Links           []struct {
		To, Words, State, Way, Says, Problem string
		Fault                                int
	}
}

type siteMention struct {
	Page, At, Kind, Way, Who, Home, Source, Title, Text string
	Hidden, By                                          string
	Theme                                               string // of criticism, where somebody has to say that it is
	Refused                                             string
}

type siteComment struct {
	Page, At, Who, Text, Standing string
	Answer, Answered, By          string
}

func (a siteArticle) html() string {
	var b strings.Builder
	for _, p := range a.Text {
		b.WriteString("<p>" + html.EscapeString(p) + "</p>")
	}
	for _, l := range a.Links {
		b.WriteString(`<p><a href="` + html.EscapeString(l.To) + `">` + html.EscapeString(l.Words) + "</a></p>")
	}
	return b.String()
}

// site gives the company its own site: articles, those who speak of them elsewhere, and comments.
func (f *filler) site(ctx context.Context) error {
	if f.Linkbacks == nil {
		return nil
	}
	var s siteStory
	b, err := fs.ReadFile(content, "content/sito.json")
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return err
	}
	defer f.Clock.Set(f.sample.Moment)
	f.Clock.Set(f.sample.Moment.AddDate(0, -4, 0))
	ch, err := f.Networks.AddSample(ctx, f.actor, network.AddSampleIn{
		Network: network.Site, ServerURL: sampleSite, Connected: f.sample.Moment.AddDate(0, -4, 0),
		Account: network.Account{RemoteID: "site", Handle: strings.TrimPrefix(sampleSite, "https://"), Name: f.sample.Name + ", il sito", URL: sampleSite, Scopes: []string{"moderate_comments"}},
		Traits:  network.Traits{Reply: true, Moderate: true, ReadOnly: true, Safe: network.SafeByReadBack},
	})
	if err != nil {
		return err
	}
	var scenes []scene
	var failed error
	at := func(moment string, do func(ctx context.Context, at time.Time) error) {
		t, err := f.when(moment)
		if err != nil && failed == nil {
			failed = err
		}
		scenes = append(scenes, scene{t, func(ctx context.Context) error { return do(ctx, t) }})
	}
	for i, a := range s.Articles {
		at(a.At, func(ctx context.Context, t time.Time) error { return f.article(ctx, ch, a, i, t) })
	}
	for _, m := range s.Mentions {
		at(m.At, func(ctx context.Context, t time.Time) error { return f.mentioned(ctx, ch, m, t) })
	}
	for i, c := range s.Comments {
		at(c.At, func(ctx context.Context, t time.Time) error { return f.commented(ctx, ch, s, c, i, t) })
	}
	if failed != nil {
		return failed
	}
	slices.SortStableFunc(scenes, func(a, b scene) int { return a.at.Compare(b.at) })
	for _, x := range scenes {
		f.Clock.Set(x.at)
		if err := x.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func articleRemote(i int) string { return fmt.Sprintf("post:%d", 12+7*i) }

func (f *filler) siteItems(ctx context.Context, ch network.Channel, items ...network.Item) error {
	_, err := f.Networks.Ingest(ctx, ch, network.Page{Items: items, Cursor: "sample"})
	return err
}

// article publishes an article, and whom it links has been told.
func (f *filler) article(ctx context.Context, ch network.Channel, a siteArticle, i int, at time.Time) error {
	err := f.siteItems(ctx, ch, network.Item{
		RemoteID: articleRemote(i), RootID: articleRemote(i), Kind: network.KindPost, Mine: true, Text: a.Title + "\n\n" + strings.Join(a.Text, "\n\n"), HTML: a.html(), Language: "it",
		Visibility: network.Public, URL: sampleSite + a.Path, At: at, Version: "1",
	})
	for _, l := range a.Links {
		if err == nil {
			err = f.Linkbacks.StageSending(ctx, f.actor, ch, linkback.StagedSending{
				Article: sampleSite + a.Path, Target: l.To, State: linkback.SendingState(l.State), Protocol: mention.Protocol(l.Way), Fault: mention.Code(l.Fault), Says: l.Says,
				Problem: l.Problem, At: at.Add(2 * time.Minute),
			})
		}
	}
	return err
}

// mentioned has somebody's page tell of a page of the site.
func (f *filler) mentioned(ctx context.Context, ch network.Channel, m siteMention, at time.Time) error {
	s := linkback.Staged{
		Source: m.Source, Target: sampleSite + m.Page, Protocol: mention.Protocol(m.Way), State: linkback.Taken, At: at, Hidden: linkback.Reason(m.Hidden), By: f.members[m.By].ID,
		What: mention.Mention{Kind: mention.Kind(m.Kind), Title: m.Title, Text: m.Text, URL: m.Source, Published: at, Language: "it", Author: mention.Author{Name: m.Who, URL: m.Home}},
	}
	if m.Refused != "" {
		s.State, s.Problem = linkback.Refused, m.Refused
	}
	remote, err := f.Linkbacks.Stage(ctx, f.actor, ch, s)
	if err != nil || m.Refused != "" || m.Text == "" {
		return err
	}
	if err := f.siteDone(ctx, ch, remote, nil); err != nil {
		return err
	}
	return f.siteDoubt(ctx, m.Text, m.Theme, at)
}

// siteDoubt has Irene say what triage was not sure about, the same day.
func (f *filler) siteDoubt(ctx context.Context, text, theme string, at time.Time) error {
	f.Clock.Set(at.Add(3 * time.Hour))
	waiting, err := f.Growth.Undecided(ctx, f.as("irene"), 100)
	if err != nil {
		return err
	}
	for _, v := range waiting {
		if !strings.Contains(v.Text, text) {
			continue
		}
		in, _ := f.doubts.on(v.Text)
		if theme != "" {
			in = growth.DecideIn{Criticism: true, Theme: triage.Theme(theme)}
		}
		in.Interaction = v.Interaction
		if _, err := f.Growth.Decide(ctx, f.as("irene"), in); err != nil {
			return fmt.Errorf("%q: %w", v.Text, err)
		}
	}
	return nil
}

// commented has somebody write below an article, and the team answer or not.
func (f *filler) commented(ctx context.Context, ch network.Channel, s siteStory, c siteComment, i int, at time.Time) error {
	below := slices.IndexFunc(s.Articles, func(a siteArticle) bool { return a.Path == c.Page })
	it := network.Item{
		RemoteID: fmt.Sprintf("comment:%d", 31+3*i), ParentID: articleRemote(below), RootID: articleRemote(below), Kind: network.KindReply, Text: c.Text, Visibility: network.Public,
		Author: network.Author{RemoteID: "guest:" + strings.ToLower(strings.ReplaceAll(c.Who, " ", "-")), Handle: c.Who, Name: c.Who}, URL: fmt.Sprintf("%s%s#comment-%d", sampleSite, c.Page, 31+3*i),
		At: at, Version: c.Standing, Standing: network.Standing(c.Standing),
	}
	if err := f.siteItems(ctx, ch, it); err != nil || c.Standing != string(network.Approved) {
		return err
	}
	when, err := f.when(c.Answered)
	if err != nil {
		return err
	}
	f.Clock.Set(when)
	answer := network.Item{
		RemoteID: fmt.Sprintf("comment:%d", 32+3*i), ParentID: it.RemoteID, RootID: it.RootID, Kind: network.KindReply, Mine: true, Text: c.Answer, Language: "it", Visibility: network.Public,
		URL: fmt.Sprintf("%s%s#comment-%d", sampleSite, c.Page, 32+3*i), At: when, Version: "1",
	}
	if err := f.siteItems(ctx, ch, answer); err != nil {
		return err
	}
	if err := f.siteDone(ctx, ch, it.RemoteID, map[string]team.MemberID{answer.RemoteID: f.members[c.By].ID}); err != nil {
		return err
	}
	return f.siteDoubt(ctx, c.Text, "", at)
}

// siteDone settles a conversation: Irene looks after the site.
func (f *filler) siteDone(ctx context.Context, ch network.Channel, first string, by map[string]team.MemberID) error {
	return f.Inbox.Stage(ctx, f.actor, inbox.Staged{Channel: ch.ID, First: first, State: inbox.Done, Assignee: f.members["irene"].ID, Authors: by})
}
