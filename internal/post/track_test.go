package post_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

const (
	course  = "https://www.ceramichearno.example.com/corsi"
	invites = "Sabato il forno resta aperto: " + course + " e dopo si cena. Chi viene?"
)

var short = regexp.MustCompile(`https://ponte\.example/l/([a-z0-9]{6})`)

// counted writes a post whose links are counted.
func counted(t *testing.T, h *housetest.House, text, campaign string) post.Post {
	t.Helper()
	return must[post.Post](t)(h.Posts.Create(t.Context(), h.Actor(team.Owner), post.CreateIn{
		Message: post.Message{Text: text, Campaign: campaign, Track: true}, Channels: []network.ChannelID{h.Channel.ID},
	}))
}

func linksOf(t *testing.T, h *housetest.House, id post.ID) []link.Listed {
	t.Helper()
	all, _, err := h.Links.List(t.Context(), h.Actor(team.Owner), link.Filter{Post: string(id)})
	ok(t, err)
	return all
}

// comes has somebody open a link.
func comes(t *testing.T, h *housetest.House, code, who string, k link.Kind) {
	t.Helper()
	way := must[*link.Way](t)(h.Links.Find(t.Context(), code))
	s := link.Seen{Kind: k}
	h.Links.Note(way, s.As(who, ""))
	ok(t, h.Links.Flush(t.Context()))
}

func TestCountedLinksGoOutAsShown(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		x := counted(t, h, invites, "Porte aperte")
		f := file(t, h, x.ID)
		shown := f.Variants[0].Contents[0].Text
		code := short.FindStringSubmatch(shown)
		if code == nil || strings.Contains(shown, course) || strings.Contains(shown, "utm_") {
			t.Fatalf("shown: %q", shown)
		}
		if n := len(linksOf(t, h, x.ID)); n != 0 {
			t.Fatalf("%d links before anything is planned", n)
		}
		now(t, h, x)
		work(t, h, time.Minute)
		if texts := standing(h); len(texts) != 1 || texts[0] != shown {
			t.Fatalf("%q stands, %q was shown", texts, shown)
		}
		all := linksOf(t, h, x.ID)
		if len(all) != 1 || all[0].Code != code[1] || all[0].Target != course || all[0].Channel != string(h.Channel.Network) || all[0].Campaign != "Porte aperte" || all[0].Place != string(h.Channel.ID) {
			t.Fatalf("%+v", all)
		}
		way := must[*link.Way](t)(h.Links.Find(t.Context(), code[1]))
		if to := way.Leads(link.Seen{}); !strings.HasPrefix(to, course+"?") || !strings.Contains(to, "utm_campaign=Porte+aperte") || !strings.Contains(to, "utm_source="+string(h.Channel.Network)) {
			t.Error(to)
		}
	})
}

func TestVisitsOfAPost(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		x := counted(t, h, invites, "")
		code := short.FindStringSubmatch(file(t, h, x.ID).Variants[0].Contents[0].Text)[1]
		now(t, h, x)
		work(t, h, time.Minute)
		if v := file(t, h, x.ID).Visits; len(v) != 1 || v[0].Visits != 0 || len(v[0].By) != 0 {
			t.Fatalf("at once: %+v", v)
		}
		h.Clock.Advance(10 * time.Minute)
		comes(t, h, code, "anna", link.Person)
		comes(t, h, code, "a robot", link.Bot)
		comes(t, h, code, "the network", link.Preview)
		h.Clock.Advance(2 * time.Hour)
		comes(t, h, code, "bruno", link.Person)
		comes(t, h, code, "carla", link.Person)
		h.Clock.Advance(time.Hour)
		v := file(t, h, x.ID).Visits[0]
		if v.Visits != 3 || v.By["1h"] != 1 || len(v.By) != 1 || v.Channel != h.Channel.ID || v.Address != "https://ponte.example/l/"+code || v.Target != course {
			t.Errorf("after three hours: %+v", v)
		}
		h.Clock.Advance(24 * time.Hour)
		if v := file(t, h, x.ID).Visits[0]; v.By["1d"] != 3 || v.By["1h"] != 1 {
			t.Errorf("after a day: %+v", v)
		}
	})
}

func TestCountedLinksOfAnotherCampaign(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		wants(t, h, mode(post.ModeOne))
		x := counted(t, h, invites, "Autunno")
		x = must[post.Post](t)(h.Posts.Ask(t.Context(), h.Actor(team.Owner), x.ID, post.AskIn{Version: x.Version}))
		before := linksOf(t, h, x.ID)
		if len(before) != 1 || before[0].Campaign != "Autunno" {
			t.Fatalf("%+v", before)
		}
		m := x.Message
		m.Campaign = "Natale"
		x = must[post.Post](t)(h.Posts.SaveDraft(t.Context(), h.Actor(team.Owner), post.SaveIn{Post: x.ID, Version: x.Version, Message: m, Channels: []network.ChannelID{h.Channel.ID}}))
		must[post.Post](t)(h.Posts.Ask(t.Context(), h.Actor(team.Owner), x.ID, post.AskIn{Version: x.Version}))
		after := linksOf(t, h, x.ID)
		if len(after) != 1 || after[0].ID != before[0].ID || after[0].Campaign != "Natale" {
			t.Errorf("%+v", after)
		}
	})
}

// What comes again goes out with the same bytes: every time by the links of the first.
func TestCountedLinksThatComeAgain(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		x := counted(t, h, invites, "")
		company := must[team.Company](t)(h.Team.Company(t.Context(), h.Company.ID))
		first := schedule.WallOf(h.Clock.Now().Add(time.Hour), company.Location())
		x = must[post.Post](t)(h.Posts.Schedule(t.Context(), h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{
			Kind: post.At, Wall: first, Repeat: &schedule.Rule{Every: schedule.Day, Interval: 1, Count: 3},
		}}))
		ok(t, h.Posts.MakeAhead(t.Context()))
		s := must[post.Series](t)(h.Posts.SeriesOf(t.Context(), h.Actor(team.Owner), x.Series))
		if len(s.Posts) != 3 {
			t.Fatalf("%d posts", len(s.Posts))
		}
		shown := file(t, h, x.ID).Variants[0].Contents[0].Text
		code := short.FindStringSubmatch(shown)[1]
		for _, wait := range []time.Duration{time.Hour, 24 * time.Hour, 24 * time.Hour} {
			h.Clock.Advance(wait)
			work(t, h, time.Minute)
		}
		if n := len(standing(h)); n != 3 {
			t.Fatalf("%d stand", n)
		}
		for _, text := range standing(h) {
			if text != shown {
				t.Errorf("%q is not %q", text, shown)
			}
		}
		comes(t, h, code, "anna", link.Person)
		h.Clock.Advance(time.Minute)
		for _, e := range s.Posts {
			if v := file(t, h, e.Post.ID).Visits; len(v) != 1 || v[0].Visits != 1 {
				t.Errorf("%s: %+v", e.Post.ID, v)
			}
		}
		all, _, err := h.Links.List(t.Context(), h.Actor(team.Owner), link.Filter{})
		if ok(t, err); len(all) != 1 {
			t.Errorf("%d links", len(all))
		}
	})
}

func TestWhatALinkSaysItself(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		own := must[link.Link](t)(h.Links.Create(t.Context(), h.Actor(team.Owner), link.In{Target: course, Code: "corsi"}))
		text := "Già contato: https://ponte.example/l/" + own.Code + " e con parole sue: [iscriviti](" + course + "?utm_source=volantino&b=1#qui). Chi viene?"
		x := counted(t, h, text, "Natale")
		now(t, h, x)
		work(t, h, time.Minute)
		all := linksOf(t, h, x.ID)
		if len(all) != 1 || all[0].Source != "volantino" || all[0].Campaign != "Natale" || all[0].Target != course+"?b=1#qui" {
			t.Fatalf("%+v", all)
		}
		if stands := standing(h)[0]; !strings.Contains(stands, "https://ponte.example/l/"+own.Code+" ") {
			t.Errorf("%q", stands)
		}
		// The same words, not counted, carry their campaign themselves.
		y := draft(t, h, team.Owner, "Vieni: "+course)
		if f := file(t, h, y.ID); strings.Contains(f.Variants[0].Contents[0].Text, "/l/") || len(linksOf(t, h, y.ID)) != 0 {
			t.Errorf("%+v", f.Variants[0].Contents)
		}
	})
}

func TestCountedLinksThatNobodyCanOpen(t *testing.T) {
	for address, shut := range map[string]bool{"http://localhost:8080": true, "http://127.0.0.1:8080": true, "http://192.168.1.4": true, "https://ponte.example": false} {
		t.Run(address, func(t *testing.T) {
			each(t, housetest.Options{BaseURL: func() string { return address }}, func(t *testing.T, h *housetest.House) {
				said := false
				for _, n := range file(t, h, counted(t, h, invites, "").ID).Variants[0].Fitted.Notes {
					said = said || n.Key == "post.track.shut"
				}
				if said != shut {
					t.Errorf("said: %v", said)
				}
			})
		})
	}
}

func TestCountedLinksInATable(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		read := func(cell string) (post.Imported, error) {
			return h.Posts.ImportCSV(t.Context(), h.Actor(team.Owner), strings.NewReader("testo,canali,conta_visite\nVieni: "+course+","+string(h.Channel.ID)+","+cell+"\n"), post.ImportIn{})
		}
		in := must[post.Imported](t)(read("sì"))
		if len(in.Errors) != 0 || len(in.Rows) != 1 || !in.Rows[0].Written.Message.Track {
			t.Fatalf("%+v", in)
		}
		bad := must[post.Imported](t)(read("forse"))
		if len(bad.Errors) != 1 || bad.Errors[0].Column != "count_visits" || bad.Errors[0].Key != "post.csv.yes" {
			t.Errorf("%+v", bad.Errors)
		}
		var out strings.Builder
		ok(t, h.Posts.ExportCSV(t.Context(), h.Actor(team.Owner), post.Filter{}, post.TableFor{}, &out))
		again := must[post.Imported](t)(h.Posts.ImportCSV(t.Context(), h.Actor(team.Owner), strings.NewReader(out.String()), post.ImportIn{Dry: true}))
		if len(again.Rows) != 1 || !again.Rows[0].Written.Message.Track {
			t.Errorf("%s: %+v", out.String(), again)
		}
	})
}

// A post that is dropped before it went out leaves no links behind; one that somebody opened all the same ends.
func TestADroppedPostLeavesNoLinks(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		wants(t, h, func(s *post.Settings) { s.Approval = post.ModeOne })
		asked := func(text string) post.Post {
			x := counted(t, h, text, "")
			return must[post.Post](t)(h.Posts.Ask(t.Context(), h.Actor(team.Owner), x.ID, post.AskIn{Version: x.Version}))
		}
		x, other := asked(invites), asked("Chi viene? "+course)
		if a, b := linksOf(t, h, x.ID), linksOf(t, h, other.ID); len(a) != 1 || len(b) != 1 {
			t.Fatalf("%+v, %+v", a, b)
		}
		code := linksOf(t, h, x.ID)[0].Code
		must[*link.Way](t)(h.Links.Find(t.Context(), code))
		ok(t, h.Posts.Delete(t.Context(), h.Actor(team.Owner), x.ID))
		if all := linksOf(t, h, x.ID); len(all) != 0 {
			t.Errorf("left behind: %+v", all)
		}
		if _, err := h.Links.Find(t.Context(), code); fault.KindOf(err) != fault.NotFound {
			t.Errorf("its link leads on: %v", err)
		}
		if all := linksOf(t, h, other.ID); len(all) != 1 || all[0].State != link.Active {
			t.Fatalf("of another post: %+v", all)
		}
		comes(t, h, linksOf(t, h, other.ID)[0].Code, "anna", link.Person)
		ok(t, h.Posts.Delete(t.Context(), h.Actor(team.Owner), other.ID))
		if all := linksOf(t, h, other.ID); len(all) != 1 || all[0].State != link.Off {
			t.Errorf("opened, and then: %+v", all)
		}
	})
}

// Among the good hours are those in which people follow the links of posts.
func TestVisitsMakeGoodHours(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		x := counted(t, h, invites, "")
		now(t, h, x)
		work(t, h, time.Minute)
		code := linksOf(t, h, x.ID)[0].Code
		company := must[team.Company](t)(h.Team.Company(t.Context(), h.Company.ID))
		at := h.Clock.Now()
		for range 3 {
			h.Clock.Advance(7 * 24 * time.Hour)
			at = h.Clock.Now()
			comes(t, h, code, "anna", link.Person)
			comes(t, h, code, "bruno", link.Person)
			comes(t, h, code, "robot", link.Bot)
		}
		for _, ch := range []network.ChannelID{"", h.Channel.ID} {
			b := must[post.Best](t)(h.Posts.BestHours(t.Context(), h.Actor(team.Marketing), ch))
			w := schedule.WallOf(at, company.Location())
			if b.Visits != 6 || len(b.Hours) == 0 || b.Hours[0].Cases != 6 || b.Hours[0].Days != 3 || b.Hours[0].Hour != w.Hour || b.Hours[0].Weekday != at.In(company.Location()).Weekday() || b.Hours[0].Few {
				t.Errorf("on %q: %+v", ch, b)
			}
		}
		if b := must[post.Best](t)(h.Posts.BestHours(t.Context(), h.Actor(team.Marketing), "chn_of_others")); b.Visits != 0 {
			t.Errorf("elsewhere: %+v", b)
		}
	})
}
