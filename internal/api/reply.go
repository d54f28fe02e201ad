package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
)

// Attachment is a file to attach, with its description.
type Attachment struct {
	Media string `json:"media" example:"med_01kjpzx2p0000000000000000m" doc:"The file's identifier."`
	Alt   string `json:"alt,omitempty" example:"Our new cup, blue glaze" doc:"What it shows; absent: what the file itself says."`
}

// Reply is an answer of ours on its way.
type Reply struct {
	ID           string       `json:"id" example:"rep_01kjpzx2p0000000000000000n" doc:"Identifier."`
	Conversation string       `json:"conversation" example:"cnv_01kjpzx2p0000000000000000g" doc:"Where it belongs."`
	Member       string       `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who wrote it."`
	Answers      string       `json:"answers" example:"int_01kjpzx2p0000000000000000j" doc:"The interaction it answers."`
	Text         string       `json:"text" example:"Yes, we ship to Austria." doc:"As it was written; whom the network wants named in front is added when it goes out."`
	Media        []Attachment `json:"media" nullable:"false" doc:"Its files."`
	Visibility   string       `json:"visibility" example:"public" doc:"Who can read it: never more than can read what it answers."`
	State        string       `json:"state" enum:"pending,rejected,withdrawn,sending,sent,failed" example:"sending" doc:"pending: waits for a second person; sent: stands on the network."`
	Finish       string       `json:"finish" enum:"waiting,done" example:"waiting" doc:"What the conversation becomes."`
	DecidedBy    string       `json:"decided_by,omitempty" example:"mbr_01kjpzx2p0000000000000000e" doc:"Who approved it or sent it back."`
	Decided      *time.Time   `json:"decided_at,omitempty" example:"2026-03-02T09:20:00Z" doc:"When."`
	Reason       string       `json:"reason,omitempty" example:"Say by when" doc:"Why it was sent back."`
	Interaction  string       `json:"interaction,omitempty" example:"int_01kjpzx2p0000000000000000o" doc:"Where it stands now, once sent."`
	Written      time.Time    `json:"written_at" example:"2026-03-02T09:10:00Z" doc:"When it was written."`
	Delivery     *Delivery    `json:"delivery,omitempty" doc:"How it is getting out."`
}

// Delivery is one message's way out.
type Delivery struct {
	ID       string     `json:"id" example:"dlv_01kjpzx2p0000000000000000p" doc:"Identifier."`
	Channel  string     `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"On which channel."`
	For      string     `json:"for" enum:"reply,post" example:"reply" doc:"What goes out."`
	ForID    string     `json:"for_id" example:"rep_01kjpzx2p0000000000000000n" doc:"Its identifier."`
	State    string     `json:"state" enum:"planned,sending,sent,unconfirmed,failed" example:"sent" doc:"unconfirmed: nobody knows whether it arrived; it is being read back. failed: it is not there and is not tried again by itself."`
	Attempts int        `json:"attempts" example:"1" doc:"How often it was tried."`
	Planned  time.Time  `json:"planned_at" example:"2026-03-02T09:10:00Z" doc:"When it was asked for."`
	Look     *time.Time `json:"next_at,omitempty" example:"2026-03-02T09:11:00Z" doc:"When something happens next by itself; absent: nothing will."`
	Settled  *time.Time `json:"settled_at,omitempty" example:"2026-03-02T09:10:03Z" doc:"When it was sent or failed."`
	Trouble  string     `json:"trouble,omitempty" example:"network.problem.rate" doc:"What stands in the way, for programs."`
	URL      string     `json:"url,omitempty" example:"https://mastodon.example/@arno/2" doc:"Where it stands."`
}

func deliveryOf(d delivery.Delivery) Delivery {
	out := Delivery{
		ID: string(d.ID), Channel: string(d.Channel), For: string(d.Source.Kind), ForID: d.Source.ID, State: string(d.State), Attempts: d.Attempts,
		Planned: d.PlannedAt.UTC(), Look: when(d.LookAt), Settled: when(d.SettledAt), URL: d.Receipt.URL,
	}
	if d.Trouble != nil {
		out.Trouble = d.Trouble.Key
	}
	return out
}

func replyOf(r inbox.Reply, d *delivery.Delivery) Reply {
	out := Reply{
		ID: string(r.ID), Conversation: string(r.Conversation), Member: string(r.Member), Answers: string(r.Answers), Text: r.Text, Media: each(r.Media, attachmentOf),
		Visibility: string(r.Visibility), State: string(r.State), Finish: string(r.Finish), DecidedBy: string(r.DecidedBy), Decided: when(r.DecidedAt),
		Reason: r.Reason, Interaction: string(r.Interaction), Written: r.WrittenAt.UTC(),
	}
	if d != nil {
		way := deliveryOf(*d)
		out.Delivery = &way
	}
	return out
}

// reply answers with a reply as it stands now. It decides nothing: who comes here has been let in.
func (a *API) reply(ctx context.Context, c *caller, r inbox.Reply) (*output[Reply], error) {
	if r.Delivery == "" {
		return answer(replyOf(r, nil)), nil
	}
	d, err := a.rooms.Deliveries.Get(ctx, c.actor.Company, r.Delivery)
	if err != nil {
		return nil, err
	}
	return answer(replyOf(r, &d)), nil
}

// attachments checks that files are there, and takes the descriptions that are not given from the files.
func (a *API) attachments(ctx context.Context, c *caller, in []Attachment) ([]delivery.Attachment, error) {
	var out []delivery.Attachment
	var wrong []fault.Field
	for i, m := range in {
		name := "media[" + strconv.Itoa(i) + "].media"
		id, err := media.ParseID(m.Media)
		if err != nil {
			wrong = append(wrong, fault.Field{Name: name, Key: "media.gone"})
			continue
		}
		f, err := a.rooms.Media.Get(ctx, string(c.actor.Company), id)
		if errors.Is(err, media.ErrGone) {
			wrong = append(wrong, fault.Field{Name: name, Key: "media.gone"})
			continue
		}
		if err != nil {
			return nil, err
		}
		if m.Alt == "" {
			m.Alt = f.Alt
		}
		out = append(out, delivery.Attachment{MediaID: m.Media, Alt: m.Alt})
	}
	return out, fault.InvalidFields(wrong...)
}

// NewReply is what a member wants to answer.
type NewReply struct {
	Text    string       `json:"text" example:"Yes, we ship to Austria." doc:"What the network would refuse is refused here."`
	Media   []Attachment `json:"media,omitempty" nullable:"false" maxItems:"20" doc:"Files to attach; each needs a description."`
	Answers string       `json:"answers,omitempty" example:"int_01kjpzx2p0000000000000000j" doc:"The interaction to answer; absent: the latest of theirs."`
	Finish  string       `json:"finish,omitempty" enum:"waiting,done" default:"waiting" example:"done" doc:"What the conversation becomes."`
	Seen    int          `json:"seen,omitempty" minimum:"0" example:"3" doc:"The conversation's revision that was read. When something came in since, the answer is refused with 409."`
	Anyway  bool         `json:"anyway,omitempty" doc:"Send although something came in, or a colleague answered, meanwhile."`
	// What the text promises.
	Promises  []NewPromise `json:"promises,omitempty" nullable:"false" maxItems:"20" doc:"What the text promises: who keeps it, and by when."`
	NoPromise bool         `json:"no_promise,omitempty" doc:"A person has read what seems to be promised, and says that it promises nothing."`
}

// asked has the refusal of a text that promises something say what was noticed in it.
func (a *API) asked(ctx context.Context, c *caller, err error, text string) error {
	if fault.Of(err).Key != growth.ErrAsked.Key {
		return err
	}
	noticed, failed := a.rooms.Growth.Notice(ctx, c.actor, text)
	if failed != nil {
		return failed
	}
	p := problem(c.visit, err)
	p.Promises = each(noticed, noticedOf)
	return p
}

// Rejection says why.
type Rejection struct {
	Reason string `json:"reason" example:"Say by when" doc:"For the author, whose draft it becomes again."`
}

// ReplyPath says which one.
type ReplyPath struct {
	Reply string `path:"reply" example:"rep_01kjpzx2p0000000000000000n" doc:"The reply's identifier."`
}

func (a *API) replyOperations() {
	x := a.rooms.Inbox
	add(a, operation{
		id: "reply", method: http.MethodPost, path: "/conversations/{conversation}/replies", tag: tagReplies, needs: team.InboxReply, status: http.StatusCreated,
		summary: "Answer a conversation",
		description: "The answer goes out at once, or waits for a second person where the company wants it. It is brought out exactly once. " +
			"Send an Idempotency-Key, so that the request itself can be repeated too. A text that promises something and says neither what becomes of it " +
			"(`promises`) nor that it promises nothing (`no_promise`) is refused with the code `growth.promise.asked`; the problem's `promises` says what was noticed.",
		conflict: "Something came in meanwhile, a colleague answered, there is nothing left to answer, or the text promises something and does not say who keeps it.",
	}, func(ctx context.Context, c *caller, in *struct {
		ConversationPath
		Body NewReply
	},
	) (*output[Reply], error) {
		files, err := a.attachments(ctx, c, in.Body.Media)
		if err != nil {
			return nil, err
		}
		r, err := a.rooms.Growth.Answer(ctx, c.actor, growth.AnswerIn{
			ReplyIn: inbox.ReplyIn{
				Conversation: in.id(), Answers: inbox.InteractionID(in.Body.Answers), Text: in.Body.Text, Media: files,
				Finish: inbox.State(in.Body.Finish), Seen: in.Body.Seen, Anyway: in.Body.Anyway,
			},
			Promises: each(in.Body.Promises, NewPromise.in), NoPromise: in.Body.NoPromise,
		})
		if err != nil {
			return nil, a.asked(ctx, c, err, in.Body.Text)
		}
		return a.reply(ctx, c, r)
	})
	add(a, operation{
		id: "get-reply", method: http.MethodGet, path: "/replies/{reply}", tag: tagReplies, needs: team.InboxRead,
		summary: "Get a reply", description: "A reply, and how it is getting out.",
	}, func(ctx context.Context, c *caller, in *ReplyPath) (*output[Reply], error) {
		r, err := x.GetReply(ctx, c.actor, inbox.ReplyID(in.Reply))
		if err != nil {
			return nil, err
		}
		return a.reply(ctx, c, r)
	})
	turn := func(id, verb string, needs team.Permission, summary, description, conflict string, f func(context.Context, team.Actor, inbox.ReplyID) error) {
		add(a, operation{
			id: id, method: http.MethodPost, path: "/replies/{reply}/" + verb, tag: tagReplies, needs: needs,
			summary: summary, description: description, conflict: conflict,
		}, func(ctx context.Context, c *caller, in *ReplyPath) (*nothing, error) {
			return nil, f(ctx, c.actor, inbox.ReplyID(in.Reply))
		})
	}
	turn("approve-reply", "approve", team.InboxApprove, "Approve a reply",
		"Lets a waiting reply go out. Who wrote it may not approve it, unless nobody else could.", "It does not wait any more.", x.Approve)
	add(a, operation{
		id: "reject-reply", method: http.MethodPost, path: "/replies/{reply}/reject", tag: tagReplies, needs: team.InboxApprove,
		summary: "Send a reply back", description: "Sends a waiting reply back to its author, with a reason; it becomes their draft again.",
		conflict: "It does not wait any more.",
	}, func(ctx context.Context, c *caller, in *struct {
		ReplyPath
		Body Rejection
	},
	) (*nothing, error) {
		return nil, x.Reject(ctx, c.actor, inbox.ReplyID(in.Reply), in.Body.Reason)
	})
	turn("withdraw-reply", "withdraw", team.InboxReply, "Withdraw a reply",
		"Takes back a reply that has not gone out; it becomes its author's draft again.", "It has gone out, or is on its way.", x.Withdraw)
	turn("retry-reply", "retry", team.InboxReply, "Try a failed reply again",
		"Where an earlier attempt may have arrived after all, it is read back first.", "It did not fail.", x.Retry)
	turn("send-reply-again", "send-again", team.InboxReply, "Send an unconfirmed reply again",
		"Only after a person has looked at the network and says that it is not there.", "It is not unconfirmed.", x.SendAgain)
	add(a, operation{
		id: "list-troubled-deliveries", method: http.MethodGet, path: "/deliveries/trouble", tag: tagReplies, needs: team.InboxRead,
		summary: "List deliveries in trouble", description: "What people should look at: failed in the last week, unconfirmed, or late.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Delivery]], error) {
		ds, err := a.rooms.Deliveries.Troubled(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Delivery]{Items: each(ds, deliveryOf)}), nil
	})
	add(a, operation{
		id: "give-up-delivery", method: http.MethodPost, path: "/deliveries/{delivery}/give-up", tag: tagReplies, needs: team.InboxReply,
		summary: "Give up an unconfirmed delivery", description: "It counts as failed and is tried no more.", conflict: "It is not unconfirmed.",
	}, func(ctx context.Context, c *caller, in *struct {
		Delivery string `path:"delivery" example:"dlv_01kjpzx2p0000000000000000p" doc:"The delivery's identifier."`
	},
	) (*nothing, error) {
		return nil, a.rooms.Deliveries.GiveUp(ctx, c.actor, delivery.ID(in.Delivery))
	})
}
