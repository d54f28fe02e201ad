package growth_test

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// grown is a house with one of each: a promise, a draft, a published entry, letters, a post of the head.
type grown struct {
	file, published growth.File
	promise         growth.Promise
	head            growth.HeadPost
}

func grow(t testing.TB, h *housetest.House) (g grown) {
	t.Helper()
	ctx, owner := t.Context(), h.Actor(team.Owner)
	g.published = three(t, h)
	if err := h.Growth.Publish(ctx, owner, g.published.Improvement.ID); err != nil {
		t.Fatal(err)
	}
	i := say(t, h, "elio@one.example", "Anche questo è arrivato rotto")
	r, p := answer(t, h, owner, i)
	h.Deliver(r.Delivery, time.Hour)
	g.promise = p
	g.file = changed(t, h, must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Altri", Interactions: []inbox.InteractionID{i.ID}, Owner: h.Members[team.Editor].ID})))
	at(t, h, 9, 9)
	g.head = heads(t, h)[0]
	return g
}

// hidden counts what an actor is told is not there as denied.
func hidden(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Denied, "team.denied")
	}
	return err
}

func TestRightsOfPromisesEntriesAndLetters(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		g := grow(t, h)
		all := growth.DraftIn{Title: did, Stone: growth.Words{IT: "altri"}, Said: did, Did: did}
		draft, entry, letter := g.file.Improvement.ID, g.published.Improvement.ID, g.file.Letters[0].ID
		for _, c := range []teamtest.Case{
			{Name: "notice", Needs: team.InboxReply, Try: func(t *testing.T, a team.Actor) error {
				_, err := h.Growth.Notice(t.Context(), a, "Domani.")
				return err
			}},
			{Name: "answer", Needs: team.InboxReply, Try: func(t *testing.T, a team.Actor) error {
				_, err := h.Growth.Answer(t.Context(), a, growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: g.file.Voices[0].Conversation, Text: "Ecco.", Anyway: true}})
				return err
			}},
			{Name: "promises", Roles: team.Roles, Try: func(t *testing.T, a team.Actor) error {
				_, err := h.Growth.Promises(t.Context(), a, growth.PromiseFilter{})
				return err
			}},
			{Name: "keep", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error {
				return hidden(h.Growth.Keep(t.Context(), a, g.promise.ID, ""))
			}},
			{Name: "break", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error {
				return hidden(h.Growth.Break(t.Context(), a, g.promise.ID, ""))
			}},
			{Name: "hand", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error {
				return h.Growth.HandPromise(t.Context(), a, g.promise.ID, h.Members[team.Marketing].ID)
			}},
			{Name: "change an entry", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error {
				return hidden(h.Growth.ChangeImprovement(t.Context(), a, draft, all))
			}},
			{Name: "ask", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error { return hidden(h.Growth.AskApproval(t.Context(), a, draft)) }},
			{Name: "approve", Roles: []team.Role{team.Owner}, Try: func(t *testing.T, a team.Actor) error { return h.Growth.ApproveImprovement(t.Context(), a, draft) }},
			{Name: "return", Roles: []team.Role{team.Owner}, Try: func(t *testing.T, a team.Actor) error {
				return h.Growth.ReturnImprovement(t.Context(), a, draft, "No.")
			}},
			{Name: "publish", Needs: team.GrowthPublish, Try: func(t *testing.T, a team.Actor) error { return h.Growth.Publish(t.Context(), a, draft) }},
			{Name: "add a line", Needs: team.GrowthPublish, Try: func(t *testing.T, a team.Actor) error { return h.Growth.AddLine(t.Context(), a, entry, did) }},
			{Name: "settings", Needs: team.GrowthRead, Try: func(t *testing.T, a team.Actor) error {
				_, err := h.Growth.Settings(t.Context(), a)
				return err
			}},
			{Name: "change settings", Needs: team.CompanyChange, Try: func(t *testing.T, a team.Actor) error {
				return h.Growth.ChangeSettings(t.Context(), a, growth.Settings{DecideIn: 7})
			}},
			{Name: "change a letter", Needs: team.InboxReply, Try: func(t *testing.T, a team.Actor) error {
				return h.Growth.ChangeLetter(t.Context(), a, letter, g.file.Letters[0].Text)
			}},
			{Name: "send a letter", Needs: team.InboxReply, Try: func(t *testing.T, a team.Actor) error {
				return h.Growth.SendLetter(t.Context(), a, letter, growth.Said{})
			}},
			{Name: "skip a letter", Needs: team.InboxReply, Try: func(t *testing.T, a team.Actor) error { return h.Growth.SkipLetter(t.Context(), a, letter) }},
			{Name: "posts of the head", Needs: team.GrowthRead, Try: func(t *testing.T, a team.Actor) error {
				_, err := h.Growth.HeadPosts(t.Context(), a)
				return err
			}},
			{Name: "send the head", Needs: team.GrowthPublish, Try: func(t *testing.T, a team.Actor) error {
				return h.Growth.SendHead(t.Context(), a, g.head.ID, []string{string(h.Channel.ID)})
			}},
			{Name: "skip the head", Needs: team.GrowthPublish, Try: func(t *testing.T, a team.Actor) error { return h.Growth.SkipHead(t.Context(), a, g.head.ID) }},
		} {
			teamtest.Matrix(t, h.Bed, []teamtest.Case{c})
		}
	})
}

// Whose case or promise it is may work at it in person and through a token of theirs, whatever their role; of others' they hear that it is not there.
func TestWhoseItIsMay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner, contributor := t.Context(), h.Actor(team.Owner), h.Actor(team.Contributor)
		g := grow(t, h)
		all := growth.DraftIn{Title: did, Stone: growth.Words{IT: "altri"}, Said: did, Did: did}
		for name, err := range map[string]error{
			"change": h.Growth.ChangeImprovement(ctx, contributor, g.file.Improvement.ID, all), "ask": h.Growth.AskApproval(ctx, contributor, g.file.Improvement.ID),
			"keep": h.Growth.Keep(ctx, contributor, g.promise.ID, ""), "break": h.Growth.Break(ctx, contributor, g.promise.ID, ""),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s of another's: %v", name, err)
			}
		}
		second := changed(t, h, opened(t, h, "x@one.example")) // the contributor's
		if err := h.Growth.ChangeImprovement(ctx, contributor, second.Improvement.ID, all); err != nil {
			t.Error(err)
		}
		without, with := h.Token(team.Contributor, team.CompanyRead, team.GrowthRead), h.Token(team.Contributor, team.GrowthManage)
		if err := h.Growth.AskApproval(ctx, without, second.Improvement.ID); fault.KindOf(err) != fault.Denied {
			t.Errorf("by a token without the scope: %v", err)
		}
		if err := h.Growth.AskApproval(ctx, with, g.file.Improvement.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another's by a token: %v", err)
		}
		if err := h.Growth.AskApproval(ctx, with, second.Improvement.ID); err != nil {
			t.Errorf("by a token: %v", err)
		}
		if err := h.Growth.ChangeImprovement(ctx, contributor, second.Improvement.ID, all); err != nil {
			t.Error(err)
		}
		if err := h.Growth.AskApproval(ctx, contributor, second.Improvement.ID); err != nil {
			t.Error(err)
		}
		if err := h.Growth.HandPromise(ctx, owner, g.promise.ID, contributor.Member); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Keep(ctx, without, g.promise.ID, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("by a token without the scope: %v", err)
		}
		if err := h.Growth.Keep(ctx, with, g.promise.ID, "Fatto."); err != nil {
			t.Errorf("by a token: %v", err)
		}
	})
}

// Nothing of another company is to be had or changed.
func TestPromisesEntriesAndLettersOfAnotherCompany(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		g := grow(t, h)
		before := whole(t, h, g.file.Case.ID)
		stranger := h.Other(t).Actor(team.Owner)
		all := growth.DraftIn{Title: did, Stone: growth.Words{IT: "altri"}, Said: did, Did: did}
		draft, letter := g.file.Improvement.ID, g.file.Letters[0].ID
		_, answered := h.Growth.Answer(ctx, stranger, growth.AnswerIn{ReplyIn: inbox.ReplyIn{Conversation: g.file.Voices[0].Conversation, Text: "Ecco."}})
		for name, err := range map[string]error{
			"answer": answered, "keep": h.Growth.Keep(ctx, stranger, g.promise.ID, ""), "break": h.Growth.Break(ctx, stranger, g.promise.ID, ""),
			"hand": h.Growth.HandPromise(ctx, stranger, g.promise.ID, stranger.Member), "change": h.Growth.ChangeImprovement(ctx, stranger, draft, all),
			"ask": h.Growth.AskApproval(ctx, stranger, draft), "approve": h.Growth.ApproveImprovement(ctx, stranger, draft),
			"return": h.Growth.ReturnImprovement(ctx, stranger, draft, "No."), "publish": h.Growth.Publish(ctx, stranger, draft),
			"line": h.Growth.AddLine(ctx, stranger, g.published.Improvement.ID, did), "letter": h.Growth.ChangeLetter(ctx, stranger, letter, g.file.Letters[0].Text),
			"send": h.Growth.SendLetter(ctx, stranger, letter, growth.Said{}), "skip": h.Growth.SkipLetter(ctx, stranger, letter),
			"head": h.Growth.SendHead(ctx, stranger, g.head.ID, []string{string(h.Channel.ID)}), "no head": h.Growth.SkipHead(ctx, stranger, g.head.ID),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if p := must[growth.PromisePage](t)(h.Growth.Promises(ctx, stranger, growth.PromiseFilter{States: growth.PromiseStates})); len(p.Promises)+len(p.Counts) != 0 {
			t.Errorf("%+v", p)
		}
		if is := must[[]growth.Improvement](t)(h.Growth.ToApprove(ctx, stranger)); len(is) != 0 {
			t.Errorf("%+v", is)
		}
		if ps := must[[]growth.HeadPost](t)(h.Growth.HeadPosts(ctx, stranger)); len(ps) != 0 {
			t.Errorf("%+v", ps)
		}
		if p := must[growth.Public](t)(h.Growth.Page(ctx, stranger.Company, "", 0, true)); p.Figures.Heard+len(p.Improvements)+len(p.Working) != 0 {
			t.Errorf("%+v", p)
		}
		// A case of theirs takes no promise of ours.
		i := say(t, h, "fabio@one.example", "Anche il mio è rotto")
		if _, err := h.Growth.Answer(ctx, h.Actor(team.Owner), growth.AnswerIn{
			ReplyIn: inbox.ReplyIn{Conversation: i.Conversation, Text: "Ecco."}, Promises: []growth.PromiseIn{{Text: "Ecco.", DueAt: h.Clock.Now(), Owner: stranger.Member}},
		}); key(err) != "growth.promise.owner" {
			t.Errorf("a promise for who works elsewhere: %v", err)
		}
		if after := whole(t, h, g.file.Case.ID); after.Improvement.State != before.Improvement.State || after.Letters[0].State != before.Letters[0].State || len(after.Diary) != len(before.Diary) {
			t.Errorf("%+v", after)
		}
	})
}
