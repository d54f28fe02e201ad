package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// SiteMention is a page of somebody else's that says something of one of the company's site.
type SiteMention struct {
	ID           string     `json:"id" example:"lbm_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Channel      string     `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"The site's channel."`
	Source       string     `json:"source" example:"https://ada.example.org/notes/1" doc:"The other page."`
	Target       string     `json:"target" example:"https://www.example.org/vases" doc:"The company's page."`
	Title        string     `json:"title,omitempty" example:"Our new vases" doc:"What the company's page is called, where it is known."`
	Protocol     string     `json:"protocol" enum:"webmention,pingback,trackback" example:"webmention" doc:"How it was told last."`
	State        string     `json:"state" enum:"waiting,taken,refused,gone" example:"taken" doc:"waiting: to be read; taken: it was read and says so; refused: it never did; gone: it did once."`
	Kind         string     `json:"kind,omitempty" enum:"reply,like,repost,bookmark,mention" example:"reply" doc:"What it does; absent until it was read."`
	Author       string     `json:"author,omitempty" example:"Ada Neri" doc:"Who wrote it."`
	AuthorURL    string     `json:"author_url,omitempty" example:"https://ada.example.org" doc:"Their page."`
	Text         string     `json:"text,omitempty" example:"How do you fire them?" doc:"What it says, plain."`
	Conversation string     `json:"conversation,omitempty" example:"cnv_01kjpzx2p0000000000000000d" doc:"The conversation that it is; absent for what nobody has to answer."`
	Problem      string     `json:"problem,omitempty" example:"linkback.problem.no_link" doc:"Why it was refused, for programs."`
	Hidden       string     `json:"hidden,omitempty" enum:"insult,spam,wish,other" example:"spam" doc:"Why it is not shown on the site; absent: it is."`
	HiddenBy     string     `json:"hidden_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who decided that."`
	First        time.Time  `json:"first_told_at" example:"2026-03-02T09:00:00Z" doc:"When it was told first."`
	Told         time.Time  `json:"told_at" example:"2026-03-02T09:00:00Z" doc:"When it was told last."`
	Checked      *time.Time `json:"checked_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When the source was read last."`
}

func siteMentionOf(m linkback.Received) SiteMention {
	return SiteMention{
		ID: string(m.ID), Channel: string(m.Channel), Source: m.Source, Target: m.Target, Title: m.Title, Protocol: string(m.Protocol), State: string(m.State), Kind: string(m.Kind),
		Author: m.Author, AuthorURL: m.AuthorURL, Text: m.Text, Conversation: string(m.Conversation), Problem: m.Problem, Hidden: string(m.Hidden), HiddenBy: string(m.HiddenBy),
		First: m.FirstAt.UTC(), Told: m.ToldAt.UTC(), Checked: when(m.Checked),
	}
}

// SiteSending is a page that one of the company's site links, and what came of telling it.
type SiteSending struct {
	ID        string     `json:"id" example:"lbs_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Channel   string     `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"The site's channel."`
	Article   string     `json:"article" example:"https://www.example.org/vases" doc:"The company's page."`
	Title     string     `json:"title" example:"Our new vases" doc:"What it is called."`
	Target    string     `json:"target" example:"https://ada.example.org/notes/1" doc:"The page that it links."`
	Linked    bool       `json:"linked" example:"true" doc:"It still does."`
	State     string     `json:"state" enum:"planned,told,unwilling,failed,quiet" example:"told" doc:"planned: it will be told; told: they took it or had it; unwilling: the page does not want to be told; failed: they said no or could not be reached for days; quiet: it is from before the site was connected, or nobody needs to be told."`
	Protocol  string     `json:"protocol,omitempty" enum:"webmention,pingback,trackback" example:"webmention" doc:"How they were told."`
	Endpoint  string     `json:"endpoint,omitempty" example:"https://ada.example.org/webmention" doc:"Where."`
	Status    int        `json:"status,omitempty" example:"202" doc:"The status they answered with."`
	Fault     int        `json:"fault,omitempty" example:"48" doc:"The number of the fault, by Pingback."`
	Says      string     `json:"says,omitempty" example:"Thank you." doc:"Their words."`
	StatusURL string     `json:"status_url,omitempty" example:"https://ada.example.org/webmention/1" doc:"Where they tell what becomes of it."`
	Problem   string     `json:"problem,omitempty" example:"linkback.problem.refused" doc:"Why it did not work, for programs."`
	Tries     int        `json:"tries" example:"1" doc:"How often it was tried."`
	Next      *time.Time `json:"next_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When it is tried again."`
	Done      *time.Time `json:"done_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When it was settled."`
}

func siteSendingOf(s linkback.Sending) SiteSending {
	return SiteSending{
		ID: string(s.ID), Channel: string(s.Channel), Article: s.Article, Title: s.Title, Target: s.Target, Linked: s.Linked, State: string(s.State), Protocol: string(s.Protocol),
		Endpoint: s.Endpoint, Status: s.Status, Fault: int(s.Fault), Says: s.Says, StatusURL: s.StatusURL, Problem: s.Problem, Tries: s.Tries, Next: when(s.NextAt), Done: when(s.DoneAt),
	}
}

// BlockedHost is a host of which no mentions are taken.
type BlockedHost struct {
	Host  string    `json:"host" example:"spam.example" doc:"The host, with all below it."`
	By    string    `json:"by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who decided that."`
	Since time.Time `json:"since" example:"2026-03-02T09:00:00Z" doc:"When."`
}

func blockedHostOf(b linkback.Block) BlockedHost {
	return BlockedHost{Host: b.Host, By: string(b.By), Since: b.At.UTC()}
}

// HostBlocking names a host.
type HostBlocking struct {
	Host string `json:"host" maxLength:"400" example:"spam.example" doc:"A host, or the address of one of its pages."`
}

// HostPath names a blocked host.
type HostPath struct {
	Host string `path:"host" maxLength:"400" example:"spam.example" doc:"The host."`
}

// SiteMentionPath names a mention.
type SiteMentionPath struct {
	Mention string `path:"mention" example:"lbm_01kjpzx2p0000000000000000z" doc:"The mention's identifier."`
}

// SiteMentionQuery chooses mentions.
type SiteMentionQuery struct {
	Paging
	Channel string `query:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"Of one site."`
	Target  string `query:"target" maxLength:"2000" example:"https://www.example.org/vases" doc:"Of one of its pages."`
	State   string `query:"state" enum:"waiting,taken,refused,gone" example:"taken" doc:"In one state; leave it out for all."`
	Hidden  bool   `query:"hidden" example:"false" doc:"Only those that are not shown on the site."`
}

// SiteMentionHiding says why a mention is not shown.
type SiteMentionHiding struct {
	Reason string `json:"reason" enum:"insult,spam,wish,other" example:"spam" doc:"insult; spam; wish: its author asks for it; other: it is out of place. Criticism is not hidden for being out of place."`
}

// SiteSendingQuery chooses sendings.
type SiteSendingQuery struct {
	Paging
	Channel string `query:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"Of one site."`
	Article string `query:"article" maxLength:"2000" example:"https://www.example.org/vases" doc:"Of one of its pages."`
	State   string `query:"state" enum:"planned,told,unwilling,failed,quiet" example:"told" doc:"In one state; leave it out for all."`
}

// SiteSendingPath names a sending.
type SiteSendingPath struct {
	Sending string `path:"sending" example:"lbs_01kjpzx2p0000000000000000z" doc:"The sending's identifier."`
}

// Moderation says what becomes of a comment.
type Moderation struct {
	To string `json:"to" enum:"approved,held,spam,trash" example:"approved" doc:"approved: everybody reads it; held: it waits; spam; trash: the site's bin."`
}

func (a *API) linkbackOperations() {
	x := a.rooms.Linkbacks
	one := func(ctx context.Context, c *caller, id linkback.MentionID, err error) (*output[SiteMention], error) {
		if err != nil {
			return nil, err
		}
		m, err := x.Mention(ctx, c.actor, id)
		if err != nil {
			return nil, err
		}
		return answer(siteMentionOf(m)), nil
	}
	add(a, operation{
		id: "list-site-mentions", method: http.MethodGet, path: "/site-mentions", tag: tagSite, needs: team.InboxRead, summary: "List mentions of the company's sites",
		description: "What other people's pages say of pages of a site, those that were refused too, the newest first.",
	}, func(ctx context.Context, c *caller, in *SiteMentionQuery) (*output[Page[SiteMention]], error) {
		l, err := x.Received(ctx, c.actor, linkback.Filter{
			Channel: network.ChannelID(in.Channel), Target: in.Target, State: linkback.State(in.State), Hidden: in.Hidden, Cursor: in.Cursor, Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		return answer(Page[SiteMention]{Next: l.Next, Items: each(l.Mentions, siteMentionOf)}), nil
	})
	add(a, operation{
		id: "get-site-mention", method: http.MethodGet, path: "/site-mentions/{mention}", tag: tagSite, needs: team.InboxRead, summary: "Get a mention", description: "With who wrote it and what it says.",
	}, func(ctx context.Context, c *caller, in *SiteMentionPath) (*output[SiteMention], error) {
		return one(ctx, c, linkback.MentionID(in.Mention), nil)
	})
	add(a, operation{
		id: "hide-site-mention", method: http.MethodPost, path: "/site-mentions/{mention}/hide", tag: tagSite, needs: team.InboxOrganise, summary: "Keep a mention from being shown on the site",
		description: "The conversation stays as it is, and the frame on the site tells how many are not shown.", conflict: "It is criticism, which is not hidden because it does not please.",
	}, func(ctx context.Context, c *caller, in *struct {
		SiteMentionPath
		Body SiteMentionHiding
	},
	) (*output[SiteMention], error) {
		_, err := x.Hide(ctx, c.actor, linkback.MentionID(in.Mention), linkback.Reason(in.Body.Reason))
		return one(ctx, c, linkback.MentionID(in.Mention), err)
	})
	add(a, operation{
		id: "show-site-mention", method: http.MethodPost, path: "/site-mentions/{mention}/show", tag: tagSite, needs: team.InboxOrganise, summary: "Show a mention on the site again", description: "As it came.",
	}, func(ctx context.Context, c *caller, in *SiteMentionPath) (*output[SiteMention], error) {
		_, err := x.Hide(ctx, c.actor, linkback.MentionID(in.Mention), "")
		return one(ctx, c, linkback.MentionID(in.Mention), err)
	})
	add(a, operation{
		id: "check-site-mention", method: http.MethodPost, path: "/site-mentions/{mention}/check", tag: tagSite, needs: team.InboxOrganise, summary: "Have the source of a mention read again",
		description: "It waits until it was read; what it says then counts.",
	}, func(ctx context.Context, c *caller, in *SiteMentionPath) (*output[SiteMention], error) {
		_, err := x.LookAgain(ctx, c.actor, linkback.MentionID(in.Mention))
		return one(ctx, c, linkback.MentionID(in.Mention), err)
	})
	a.linkbackSendings()
	a.linkbackBlocks()
	add(a, operation{
		id: "moderate-comment", method: http.MethodPost, path: "/interactions/{interaction}/moderate", tag: tagSite, needs: team.InboxReply, calls: true, summary: "Decide what becomes of a comment",
		description: "The site is told first; only what it took is kept. The same again changes nothing. What nobody has a say about is not found.",
	}, func(ctx context.Context, c *caller, in *struct {
		Interaction string `path:"interaction" example:"int_01kjpzx2p0000000000000000e" doc:"The comment's identifier."`
		Body        Moderation
	},
	) (*nothing, error) {
		return nil, a.rooms.Inbox.Moderate(ctx, c.actor, inbox.InteractionID(in.Interaction), network.Standing(in.Body.To))
	})
}

func (a *API) linkbackSendings() {
	x := a.rooms.Linkbacks
	add(a, operation{
		id: "list-site-sendings", method: http.MethodGet, path: "/site-sendings", tag: tagSite, needs: team.PostsRead, summary: "List whom the company's articles told",
		description: "The pages that articles of a site link, and what came of telling them, the newest first.",
	}, func(ctx context.Context, c *caller, in *SiteSendingQuery) (*output[Page[SiteSending]], error) {
		l, err := x.Sendings(ctx, c.actor, linkback.SendingFilter{
			Channel: network.ChannelID(in.Channel), Article: in.Article, State: linkback.SendingState(in.State), Cursor: in.Cursor, Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		return answer(Page[SiteSending]{Next: l.Next, Items: each(l.Sendings, siteSendingOf)}), nil
	})
	add(a, operation{
		id: "send-site-sending", method: http.MethodPost, path: "/site-sendings/{sending}/send", tag: tagSite, needs: team.PostsPublish, summary: "Tell a page again",
		description: "One that said no, did not want to be told, or was left quiet.",
	}, func(ctx context.Context, c *caller, in *SiteSendingPath) (*nothing, error) {
		return nil, x.TellAgain(ctx, c.actor, linkback.SendingID(in.Sending))
	})
}

func (a *API) linkbackBlocks() {
	x := a.rooms.Linkbacks
	add(a, operation{
		id: "list-blocked-hosts", method: http.MethodGet, path: "/blocked-hosts", tag: tagSite, needs: team.ChannelsRead, summary: "List blocked hosts", description: "Those of which no mentions are taken.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[BlockedHost]], error) {
		all, err := x.Blocks(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[BlockedHost]{Items: each(all, blockedHostOf)}), nil
	})
	add(a, operation{
		id: "block-host", method: http.MethodPost, path: "/blocked-hosts", tag: tagSite, needs: team.ChannelsManage, summary: "Block a host", description: "What came from there is hidden as spam.",
	}, func(ctx context.Context, c *caller, in *struct{ Body HostBlocking }) (*output[BlockedHost], error) {
		b, err := x.BlockHost(ctx, c.actor, in.Body.Host)
		if err != nil {
			return nil, err
		}
		return answer(blockedHostOf(b)), nil
	})
	add(a, operation{
		id: "unblock-host", method: http.MethodDelete, path: "/blocked-hosts/{host}", tag: tagSite, needs: team.ChannelsManage, summary: "Let a host tell again", description: "What was hidden stays hidden.",
	}, func(ctx context.Context, c *caller, in *HostPath) (*nothing, error) {
		return nil, x.UnblockHost(ctx, c.actor, in.Host)
	})
}
