package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// belonging are things that belong to a member, as their addresses name them.
type belonging struct{ owner, kase, task, evidence, improvement, promise string }

// give gives a member a case that is being changed, one that was, a task in it, evidence and a promise.
func (b *bench) give(t *testing.T, who team.Member, name string) (g belonging) {
	t.Helper()
	ctx, owner := t.Context(), b.Actor(team.Owner)
	talk := func(text string) inbox.Interaction {
		th, err := b.Inbox.Open(ctx, owner, inbox.ConversationID(b.talk(name+"@example.org", text)))
		b.must(err)
		return th.Interactions[0]
	}
	open := func(text string) growth.Case {
		k, err := b.Growth.Open(ctx, owner, growth.OpenIn{Title: text, Interactions: []inbox.InteractionID{talk(text).ID}, Owner: who.ID})
		b.must(err)
		return k
	}
	k := open("La tazza di " + name + " è arrivata scheggiata")
	g.owner, g.kase = string(who.ID), string(k.ID)
	task, err := b.Growth.AddTask(ctx, owner, k.ID, "Aprire tre scatole", who.ID)
	b.must(err)
	e, err := b.Growth.AddEvidence(ctx, owner, k.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "Si toccano"})
	b.must(err)
	done := open("Il piatto di " + name + " è arrivato rotto")
	b.must(b.Growth.Advance(ctx, owner, done.ID, growth.AdvanceIn{To: growth.CaseChanged, Did: growth.Words{IT: "Un separatore."}}))
	f, err := b.Growth.OpenFile(ctx, owner, done.ID)
	b.must(err)
	const promise = "Ti mandiamo una tazza nuova entro venerdì."
	r, err := b.Growth.Answer(ctx, owner, growth.AnswerIn{
		ReplyIn:  inbox.ReplyIn{Conversation: talk("E la mia, di " + name + "?").Conversation, Text: promise},
		Promises: []growth.PromiseIn{{Text: promise, Owner: who.ID, DueAt: b.Clock.Now().AddDate(0, 0, 3)}},
	})
	b.must(err)
	b.Deliver(delivery.ID(r.Delivery), time.Minute)
	ps, err := b.Growth.Promises(ctx, owner, growth.PromiseFilter{Owner: who.ID})
	b.must(err)
	g.task, g.evidence, g.improvement, g.promise = string(task.ID), string(e.ID), string(f.Improvement.ID), string(ps.Promises[0].ID)
	return g
}

// A token of a member whose role does not see all cases sees and works on what is the member's own, and on nothing else: as the member does
// on screen. It needs the scopes for that.
func TestTheirOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		for _, role := range []team.Role{team.Contributor, team.Guest, team.Marketing} {
			t.Run(string(role), func(t *testing.T) {
				mine, other := b.give(t, b.Members[role], string(role)), b.give(t, b.Members[team.Editor], "altri"+string(role))
				read, work := b.token(role, team.GrowthRead), b.token(role, team.GrowthRead, team.GrowthManage)
				all := role.Can(team.GrowthRead)
				// What is seen.
				for _, list := range []string{"/cases?state=heard,changed", "/promises"} {
					var page struct {
						Items []struct {
							Owner string `json:"owner"`
						} `json:"items"`
						Counts map[string]int `json:"counts"`
					}
					g := b.ask(read, "GET", "/api/v1"+list, "")
					if err := json.Unmarshal([]byte(g.body), &page); err != nil || g.status != 200 || len(page.Items) == 0 {
						t.Fatalf("%s: %d %s", list, g.status, g.body)
					}
					foreign, counted := 0, 0
					for _, i := range page.Items {
						if i.Owner != mine.owner {
							foreign++
						}
					}
					for _, n := range page.Counts {
						counted += n
					}
					if (foreign > 0) != all || !all && counted != len(page.Items) {
						t.Errorf("%s shows %d of others, counts %v", list, foreign, page.Counts)
					}
				}
				for path, is := range map[string]int{"/cases/" + mine.kase: 200, "/cases/" + other.kase: map[bool]int{true: 200, false: 404}[all]} {
					if g := b.ask(read, "GET", "/api/v1"+path, ""); g.status != is {
						t.Errorf("GET %s: %d, want %d: %s", path, g.status, is, g.body)
					}
				}
				// What is worked on.
				work1 := func(of belonging) []struct{ method, path, body string } {
					return []struct{ method, path, body string }{
						{"POST", "/cases/" + of.kase + "/advance", `{"to":"understood","cause":"Si toccano"}`},
						{"POST", "/cases/" + of.kase + "/tasks", `{"text":"Chiedere il prezzo"}`},
						{"POST", "/tasks/" + of.task + "/finish", ""},
						{"POST", "/tasks/" + of.task + "/reopen", ""},
						{"DELETE", "/tasks/" + of.task, ""},
						{"POST", "/cases/" + of.kase + "/evidence", `{"kind":"text","text":"In tre scatole su tre"}`},
						{"DELETE", "/evidence/" + of.evidence, ""},
						{"PUT", "/improvements/" + of.improvement, `{"title":{"it":"Il separatore"},"stone":{"it":"scatole"},"said":{"it":"Rotto"},"did":{"it":"Un separatore."}}`},
						{"POST", "/improvements/" + of.improvement + "/ask", ""},
						{"POST", "/promises/" + of.promise + "/keep", `{"note":"Spedita"}`},
					}
				}
				for _, call := range work1(mine) {
					if g := b.ask(read, call.method, "/api/v1"+call.path, call.body); g.status != 403 || !strings.Contains(g.header.Get("WWW-Authenticate"), string(team.GrowthManage)) {
						t.Errorf("%s %s without the scope: %d %s", call.method, call.path, g.status, g.header.Get("WWW-Authenticate"))
					}
				}
				for _, call := range work1(other) {
					want := 404
					if all {
						want = 403 // they see it, and may not
					}
					if g := b.ask(work, call.method, "/api/v1"+call.path, call.body); g.status != want {
						t.Errorf("%s %s of another's: %d, want %d: %s", call.method, call.path, g.status, want, g.body)
					}
				}
				at := "/api/v1/cases/" + mine.kase + "/pictures"
				if g := b.upload(work, "/api/v1/cases/"+other.kase+"/pictures", "cup.png", picture(t), "La tazza", ""); g.status != 404 && g.status != 403 {
					t.Errorf("a picture for another's: %d", g.status)
				}
				shown := into[struct {
					Media string `json:"media"`
				}](t, b.upload(work, at, "cup.png", picture(t), "La tazza", ""), 201)
				if g := b.ask(read, "GET", at+"/"+shown.Media, ""); g.status != 200 {
					t.Errorf("their own picture: %d", g.status)
				}
				for _, call := range work1(mine) {
					if g := b.ask(work, call.method, "/api/v1"+call.path, call.body); g.status >= 300 {
						t.Errorf("%s %s: %d %s", call.method, call.path, g.status, g.body)
					}
				}
				// What is the manager's stays the manager's.
				for path, body := range map[string]string{
					"/cases/" + mine.kase + "/reopen": "", "/cases/" + mine.kase + "/join": `{"interactions":["int_01kjpzx2p0000000000000000j"]}`,
					"/promises/" + mine.promise + "/hand": `{"to":"` + other.owner + `"}`,
				} {
					if g := b.ask(work, "POST", "/api/v1"+path, body); g.status != 403 {
						t.Errorf("%s: %d", path, g.status)
					}
				}
			})
		}
	})
}

// lenient operations ask for a state that what is not there is in already.
var lenient = []string{"remove-label", "see-mentions", "list-person-conversations", "refresh-conversation"}

// An address that names nothing is not there, whatever it is made of.
func TestMalformedNames(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	_, ops := operations(t, b.api)
	all := b.token(team.Owner)
	tried := 0
	for id, op := range ops {
		if !strings.Contains(op.path, "{") || len(op.RequestBody) > 0 || strings.Contains(op.path, "{number}") || slices.Contains(lenient, id) {
			continue
		}
		for _, name := range []string{"nothing", "x_01kjpzx2p0000000000000000j"} {
			g := b.ask(all, op.method, inPath.ReplaceAllString(op.path, name), "")
			tried++
			if g.status != 404 {
				t.Errorf("%s with %s: %d %s", id, name, g.status, g.body)
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d were tried", tried)
	}
}
