package growth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Letters and answers with promises go out while the conversations they go to are read from the network: the inbox holds its rows before
// this room is alone, on the way in and on the way out, so nobody waits for each other in a circle. Each letter goes out once.
func TestLettersGoOutWhileMuchComesIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, owner, community := t.Context(), h.Actor(team.Owner), h.Actor(team.Community)
		const voices, rounds = 8, 6
		is := many(t, h, voices*rounds, "rotto")
		bring := func(items ...network.Item) error {
			_, err := h.Networks.Ingest(ctx, h.Channel, network.Page{Items: items, Cursor: "x"})
			return err
		}
		for round := range rounds {
			these := is[round*voices : (round+1)*voices]
			k := open(t, h, fmt.Sprint("Giro ", round), these[:voices-2]...)
			if err := h.Growth.Advance(ctx, owner, k.ID, growth.AdvanceIn{To: growth.CaseChanged, Did: did}); err != nil {
				t.Fatal(err)
			}
			letters := file(t, h, owner, k.ID).Letters
			if len(letters) != voices-2 {
				t.Fatalf("%d letters", len(letters))
			}
			at := h.Clock.Now()
			var fs []func() error
			for n, i := range these {
				id := fmt.Sprintf("m%03d", round*voices+n)
				fs = append(fs,
					func() error { // an edit, and an answer of ours that was written elsewhere
						it := item(id, fmt.Sprintf("p%d", round*voices+n), fmt.Sprintf("%d: rotto davvero", n), at)
						it.Version = "2"
						return bring(it, ours("o"+id, id, "Ci dispiace", at.Add(time.Minute)))
					},
					func() error { // more of the same person, in the same conversation
						more := item("z"+id, fmt.Sprintf("p%d", round*voices+n), fmt.Sprintf("%d: ancora rotto", n), at)
						more.Kind, more.ParentID = network.KindReply, id
						return bring(more)
					},
					func() error {
						return allowedAtOnce(errOf(h.Growth.Answer(ctx, community, growth.AnswerIn{
							ReplyIn:  inbox.ReplyIn{Conversation: i.Conversation, Text: "Lo cambiamo domani.", Anyway: true},
							Promises: []growth.PromiseIn{{Text: "Lo cambiamo domani.", DueAt: at.Add(24 * time.Hour)}},
						})))
					},
				)
				if n%4 == 3 {
					fs = append(fs, func() error { return bring(network.Item{RemoteID: id, Deleted: true, At: at, Version: "3"}) })
				}
			}
			for _, l := range letters {
				for _, a := range []team.Actor{owner, community} {
					fs = append(fs, func() error { return allowedAtOnce(h.Growth.SendLetter(ctx, a, l.ID, growth.Said{NoPromise: true})) })
				}
			}
			fs = append(fs,
				func() error { return allowedAtOnce(h.Growth.Join(ctx, community, k.ID, ids(these[voices-2:]...))) },
				func() error { return h.Growth.BreakPast(ctx) },
				func() error {
					return allowedAtOnce(h.Growth.Publish(ctx, owner, file(t, h, owner, k.ID).Improvement.ID))
				},
			)
			for n, err := range sideBySide(fs...) {
				if err != nil {
					t.Errorf("round %d, %d: %v", round, n, err)
				}
			}
			for _, l := range file(t, h, owner, k.ID).Letters {
				if l.State == growth.LetterSent && l.Reply == "" || l.State == growth.LetterDraft && l.Reply != "" {
					t.Errorf("%+v", l)
				}
			}
		}
		leaves(t, h)
		agree(t, h)
	})
}

// allowedAtOnce lets pass what somebody else was faster at.
func allowedAtOnce(err error) error {
	if k := fault.KindOf(err); k == fault.Conflict || k == fault.NotFound || k == fault.Invalid {
		return nil
	}
	return err
}
