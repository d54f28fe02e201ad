package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/sheet"
	"github.com/ponte-desk/ponte/internal/team"
)

// Link is a tracked link.
type Link struct {
	ID        string            `json:"id" example:"lnk_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Code      string            `json:"code" example:"lomiru" doc:"What stands in its address."`
	Address   string            `json:"address" example:"https://ponte.example.org/l/lomiru" doc:"What one prints, says and posts."`
	Title     string            `json:"title" example:"Spring flyer" doc:"What the company calls it."`
	Target    string            `json:"target" example:"https://www.example.org/offer" doc:"Where it leads, without the parameters of UTM."`
	Action    string            `json:"action,omitempty" enum:"call,write,chat,way" example:"call" doc:"What opening it begins: a call, a letter, a message, the way to a place; absent: a page is read."`
	Leads     string            `json:"leads_to" example:"https://www.example.org/offer?utm_source=flyer" doc:"Where it leads, with them."`
	Campaign  string            `json:"campaign,omitempty" example:"spring" doc:"Also utm_campaign."`
	Channel   string            `json:"channel,omitempty" example:"print" doc:"Where it is used: a network, print, radio, window, parcel, or a word of the company's own."`
	Source    string            `json:"source,omitempty" example:"flyer" doc:"utm_source."`
	Medium    string            `json:"medium,omitempty" example:"print" doc:"utm_medium."`
	Term      string            `json:"term,omitempty" example:"vase" doc:"utm_term."`
	Content   string            `json:"content,omitempty" example:"front" doc:"utm_content."`
	Tags      []string          `json:"tags" nullable:"false" example:"[\"paper\"]" doc:"Its tags."`
	Devices   map[string]string `json:"devices,omitempty" example:"{\"ios\":\"https://apps.example.org/a\"}" doc:"Other targets by device: ios, android, desktop."`
	Languages map[string]string `json:"languages,omitempty" example:"{\"en\":\"https://www.example.org/en\"}" doc:"Other targets by language."`
	Expires   *time.Time        `json:"expires_at,omitempty" example:"2026-12-31T23:00:00Z" doc:"From when it says that it has ended; absent: never."`
	Locked    bool              `json:"locked" example:"false" doc:"It asks for a password."`
	State     string            `json:"state" enum:"active,off" example:"active" doc:"Whether it leads on."`
	Post      string            `json:"post,omitempty" example:"pst_01kjpzx2p0000000000000000z" doc:"The post it was made for."`
	Created   time.Time         `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it was made."`
	Changed   time.Time         `json:"changed_at" example:"2026-03-02T09:00:00Z" doc:"When it was changed last."`
	Checked   *time.Time        `json:"checked_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When Ponte looked at its target."`
	Trouble   string            `json:"trouble,omitempty" example:"gone" doc:"Why its target did not answer: gone, nowhere, silent, failing, loop, inside; absent: it did."`
	DeadSince *time.Time        `json:"dead_since,omitempty" example:"2026-03-02T09:00:00Z" doc:"Since when its target does not answer."`
	Visits    *LinkSum          `json:"visits,omitempty" doc:"Of all its days; in lists."`
}

// LinkSum is how many visits there were.
type LinkSum struct {
	Visits   int64 `json:"visits" example:"120" doc:"Openings by people."`
	Visitors int64 `json:"visitors" example:"97" doc:"Of them the first of a visitor on a day. Who asks not to be followed is in none."`
	Bots     int64 `json:"bots" example:"14" doc:"Openings by programs, which are no visits."`
	Previews int64 `json:"previews" example:"9" doc:"Openings by networks, messengers and browsers that look ahead, which are no visits."`
}

// LinkWriting is what one says about a link.
type LinkWriting struct {
	Target    string            `json:"target" maxLength:"2000" example:"https://www.example.org/offer" doc:"Where it leads. Parameters of UTM in it are read into the fields that are empty. A telephone number (tel:) and a mail address (mailto:) too."`
	Title     string            `json:"title,omitempty" maxLength:"400" example:"Spring flyer" doc:"What the company calls it; empty: after its target."`
	Campaign  string            `json:"campaign,omitempty" maxLength:"400" example:"spring" doc:"Also utm_campaign."`
	Channel   string            `json:"channel,omitempty" maxLength:"400" example:"print" doc:"Where it is used."`
	Source    string            `json:"source,omitempty" maxLength:"400" example:"flyer" doc:"utm_source."`
	Medium    string            `json:"medium,omitempty" maxLength:"400" example:"print" doc:"utm_medium."`
	Term      string            `json:"term,omitempty" maxLength:"400" example:"vase" doc:"utm_term."`
	Content   string            `json:"content,omitempty" maxLength:"400" example:"front" doc:"utm_content."`
	Tags      []string          `json:"tags,omitempty" nullable:"false" example:"[\"paper\"]" doc:"Its tags."`
	Devices   map[string]string `json:"devices,omitempty" example:"{\"ios\":\"https://apps.example.org/a\"}" doc:"Other targets by device: ios, android, desktop."`
	Languages map[string]string `json:"languages,omitempty" example:"{\"en\":\"https://www.example.org/en\"}" doc:"Other targets by language, which go behind those by device."`
	Expires   *time.Time        `json:"expires_at,omitempty" example:"2026-12-31T23:00:00Z" doc:"From when it says that it has ended."`
	Password  string            `json:"password,omitempty" maxLength:"200" example:"ciao" doc:"What it asks for; in a change, empty leaves what is there."`
}

// LinkMaking is a new link.
type LinkMaking struct {
	LinkWriting
	Code string `json:"code,omitempty" maxLength:"40" example:"spring" doc:"Small letters, figures and hyphens; empty: one is made."`
	Say  bool   `json:"say,omitempty" example:"true" doc:"The code that is made can be said on the radio."`
	Post string `json:"post,omitempty" maxLength:"64" example:"pst_01kjpzx2p0000000000000000z" doc:"The post it is made for."`
}

// LinkChanging is a changed link.
type LinkChanging struct {
	LinkWriting
	Open bool `json:"open,omitempty" example:"false" doc:"It asks for no password any more."`
}

func (w LinkWriting) in() link.In {
	in := link.In{
		Target: w.Target, Title: w.Title, Campaign: w.Campaign, Channel: w.Channel, Source: w.Source, Medium: w.Medium, Term: w.Term, Content: w.Content,
		Tags: w.Tags, Devices: w.Devices, Languages: w.Languages, Password: w.Password,
	}
	if w.Expires != nil {
		in.ExpiresAt = w.Expires.UTC()
	}
	return in
}

func linkOf(base string, x link.Link) Link {
	return Link{
		ID: string(x.ID), Code: x.Code, Address: base + x.Code, Title: x.Title, Target: x.Target, Action: string(x.Action), Leads: x.Leads(x.Target), Campaign: x.Campaign, Channel: x.Channel,
		Source: x.Source, Medium: x.Medium, Term: x.Term, Content: x.Content, Tags: strs(x.Tags), Devices: x.Devices, Languages: x.Languages, Expires: when(x.ExpiresAt),
		Locked: x.Locked(), State: string(x.State), Post: x.Post, Created: x.CreatedAt, Changed: x.ChangedAt, Checked: when(x.CheckedAt), Trouble: string(x.Trouble), DeadSince: when(x.DeadSince),
	}
}

func linkSumOf(s link.Sum) LinkSum { return LinkSum(s) }

// LinkPath names a link.
type LinkPath struct {
	Link string `path:"link" example:"lnk_01kjpzx2p0000000000000000z" doc:"The link's identifier."`
}

// LinkQuery chooses links.
type LinkQuery struct {
	Paging
	State    string `query:"state" enum:"active,off,dead" example:"active" doc:"Those that lead on, that were ended, or whose target does not answer; leave it out for all."`
	Campaign string `query:"campaign" example:"spring" doc:"Of one campaign."`
	Channel  string `query:"channel" example:"print" doc:"Of one channel."`
	Tag      string `query:"tag" example:"paper" doc:"With a tag."`
	Post     string `query:"post" example:"pst_01kjpzx2p0000000000000000z" doc:"Made for a post."`
	Search   string `query:"q" example:"flyer" doc:"Words of title, code, target, campaign, channel or tags."`
}

// LinkDays says how many days back.
type LinkDays struct {
	LinkPath
	Days int `query:"days" minimum:"1" maximum:"400" default:"28" example:"28" doc:"How many days, today included."`
}

// LinkReport is how a link does.
type LinkReport struct {
	From    string       `json:"from" example:"2026-02-03" doc:"First day, of the company's calendar."`
	To      string       `json:"to" example:"2026-03-02" doc:"Last day."`
	Sum     LinkSum      `json:"sum" doc:"Of all these days."`
	Days    []LinkDay    `json:"days" nullable:"false" doc:"Every day, those without visits too."`
	Sources []LinkSource `json:"sources" nullable:"false" doc:"Where people came from, the most first."`
	Devices []LinkDevice `json:"devices" nullable:"false" doc:"With what, the most first."`
}

// LinkDay is a day of a link.
type LinkDay struct {
	Day string `json:"day" example:"2026-03-02" doc:"A day of the company's calendar."`
	LinkSum
}

// LinkSource is where visits came from.
type LinkSource struct {
	Referrer string `json:"referrer" example:"instagram.com" doc:"The host; qr: a QR code was read; empty: it is not said."`
	Visits   int64  `json:"visits" example:"40" doc:"Openings by people."`
}

// LinkDevice is with what links were opened.
type LinkDevice struct {
	Device string `json:"device" enum:"ios,android,desktop,unknown" example:"android" doc:"The device."`
	Visits int64  `json:"visits" example:"40" doc:"Openings by people."`
}

// LinkTallies is a stretch of days.
type LinkTallies struct {
	From string `query:"from" required:"true" example:"2026-02-01" doc:"First day, of the company's calendar."`
	To   string `query:"to" required:"true" example:"2026-02-28" doc:"Last day."`
}

// LinkTally is the sum of a day, a channel and a campaign.
type LinkTally struct {
	Day      string `json:"day" example:"2026-03-02" doc:"A day of the company's calendar."`
	Channel  string `json:"channel" example:"print" doc:"Empty: the links say none."`
	Campaign string `json:"campaign" example:"spring" doc:"Empty: the links say none."`
	LinkSum
}

// LinkRows asks for single visits.
type LinkRows struct {
	LinkPath
	Before string `query:"before" example:"2026-03-02T09:00:00Z" doc:"The moment of the last visit of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" example:"100" doc:"How many at most."`
}

// LinkVisit is a single visit, as it is kept.
type LinkVisit struct {
	At       time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
	Kind     string    `json:"kind" enum:"person,bot,preview" example:"person" doc:"Who, for all that can be seen."`
	Why      string    `json:"why,omitempty" example:"network" doc:"What told it apart: agent, network, head, prefetch, mute; asked: a person who asks not to be followed."`
	First    bool      `json:"first" example:"true" doc:"The visitor's first of that day through this link."`
	Device   string    `json:"device" example:"android" doc:"With what."`
	Language string    `json:"language" example:"it" doc:"The language they read first."`
	Referrer string    `json:"referrer" example:"instagram.com" doc:"The host they came from."`
}

// LinkPast is where a link led.
type LinkPast struct {
	At     time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"Until when."`
	Member string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000z" doc:"Who changed it."`
	Target string    `json:"target" example:"https://www.example.org/old" doc:"Where it led."`
}

// LinkQR says how a QR code is drawn.
type LinkQR struct {
	LinkPath
	Level string `query:"level" enum:"l,m,q,h" example:"q" doc:"How much may be dirty or covered: 7, 15, 25 or 30 of a hundred; left out: q, with a logo h."`
	Dark  string `query:"dark" example:"231d18" doc:"The colour of the squares, six figures."`
	Light string `query:"light" example:"ffffff" doc:"The colour of the ground, six figures."`
	Logo  bool   `query:"logo" example:"false" doc:"The company's logo in the middle."`
	Side  int    `query:"side" minimum:"0" maximum:"4096" example:"1024" doc:"Pixels on a side of a picture."`
}

// LinkQRCode is a QR code.
type LinkQRCode struct {
	Address  string  `json:"address" example:"https://ponte.example.org/l/lomiru" doc:"What it holds, in capitals."`
	Contrast float64 `json:"contrast" example:"16.2" doc:"Of 21. It takes at least 3."`
	SVG      string  `json:"svg" example:"<svg>" doc:"The drawing."`
	PNG      string  `json:"png" example:"iVBORw0KGgo=" doc:"The picture, in base64."`
}

// LinkTable is a table of links.
type LinkTable struct {
	Table string `json:"table" maxLength:"4194304" example:"target,campaign\nhttps://www.example.org,spring\n" doc:"Lines of CSV, the names of the columns first."`
	Dry   bool   `json:"dry,omitempty" example:"true" doc:"Only tell what would come of it."`
}

// LinkImport is what a table brought, or would.
type LinkImport struct {
	Links  []LinkLine      `json:"links" nullable:"false" doc:"One for each line."`
	Errors []LinkLineError `json:"errors" nullable:"false" doc:"What is wrong; any: nothing was stored."`
}

// LinkLine is a link of a table.
type LinkLine struct {
	Line   int    `json:"line" example:"2" doc:"Line of the table."`
	ID     string `json:"id,omitempty" example:"lnk_01kjpzx2p0000000000000000z" doc:"Absent in a dry run."`
	Code   string `json:"code,omitempty" example:"lomiru" doc:"Absent in a dry run, where it is still to be made."`
	Target string `json:"target" example:"https://www.example.org" doc:"Where it leads."`
}

// LinkLineError is what is wrong in a line.
type LinkLineError struct {
	Line   int    `json:"line" example:"3" doc:"Line of the table."`
	Column string `json:"column" example:"target" doc:"Column, where it is one."`
	Code   string `json:"code" example:"link.target.wrong" doc:"For programs."`
	Words  string `json:"words" example:"This is not an address that a browser can open." doc:"The same in words, with what helps."`
}

func (c *caller) lineError(e sheet.LineError) LinkLineError {
	return LinkLineError{Line: e.Line, Column: e.Column, Code: e.Key, Words: c.words.T(e.Key, e.Args) + " " + c.words.T(e.Key+".remedy", e.Args)}
}

var whyWords = map[link.Why]string{
	link.WhyAgent: "agent", link.WhyNetwork: "network", link.WhyHead: "head", link.WhyPrefetch: "prefetch", link.WhyMute: "mute", link.WhyAsked: "asked",
}

var kindWords = map[link.Kind]string{link.Person: "person", link.Bot: "bot", link.Preview: "preview"}

func dayText(d link.Day) string { return d.Time().Format(time.DateOnly) }

// dayOf reads a day.
func dayOf(field, s string) (link.Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fault.InvalidFields(fault.Field{Name: field, Key: "link.csv.date"})
	}
	return link.DayOf(t), nil
}

func (a *API) linkOperations() {
	x := a.rooms.Links
	one := func(ctx context.Context, c *caller, y link.Link, err error) (*output[Link], error) {
		if err != nil {
			return nil, err
		}
		base, err := x.Base(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		return answer(linkOf(base, y)), nil
	}
	add(a, operation{
		id: "list-links", method: http.MethodGet, path: "/links", tag: tagLinks, needs: team.LinksRead, summary: "List links", description: "The newest first, with their visits.",
	}, func(ctx context.Context, c *caller, in *LinkQuery) (*output[Page[Link]], error) {
		base, err := x.Base(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		all, next, err := x.List(ctx, c.actor, link.Filter{
			State: link.State(in.State), Campaign: in.Campaign, Channel: in.Channel, Tag: in.Tag, Post: in.Post, Search: in.Search, Cursor: in.Cursor, Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		return answer(Page[Link]{Next: next, Items: each(all, func(y link.Listed) Link {
			l, s := linkOf(base, y.Link), linkSumOf(y.Sum)
			l.Visits = &s
			return l
		})}), nil
	})
	add(a, operation{
		id: "make-link", method: http.MethodPost, path: "/links", tag: tagLinks, needs: team.LinksManage, status: http.StatusCreated, summary: "Make a link",
		description: "Its code stays for ever, because it stands on paper.",
	}, func(ctx context.Context, c *caller, in *struct{ Body LinkMaking }) (*output[Link], error) {
		m := in.Body.in()
		m.Code, m.Say, m.Post = in.Body.Code, in.Body.Say, in.Body.Post
		y, err := x.Create(ctx, c.actor, m)
		return one(ctx, c, y, err)
	})
	add(a, operation{
		id: "get-link", method: http.MethodGet, path: "/links/{link}", tag: tagLinks, needs: team.LinksRead, summary: "Get a link", description: "With how its target does.",
	}, func(ctx context.Context, c *caller, in *LinkPath) (*output[Link], error) {
		y, err := x.Get(ctx, c.actor, link.ID(in.Link))
		return one(ctx, c, y, err)
	})
	add(a, operation{
		id: "change-link", method: http.MethodPut, path: "/links/{link}", tag: tagLinks, needs: team.LinksManage, summary: "Change a link",
		description: "Replaces all that is said about it; its code stays. Where it led before is kept.",
	}, func(ctx context.Context, c *caller, in *struct {
		LinkPath
		Body LinkChanging
	},
	) (*output[Link], error) {
		m := in.Body.in()
		m.Open = in.Body.Open
		y, err := x.Change(ctx, c.actor, link.ID(in.Link), m)
		return one(ctx, c, y, err)
	})
	add(a, operation{
		id: "end-link", method: http.MethodPost, path: "/links/{link}/end", tag: tagLinks, needs: team.LinksManage, summary: "End a link", description: "Who opens it reads that it has ended. Its visits stay.",
	}, func(ctx context.Context, c *caller, in *LinkPath) (*output[Link], error) {
		y, err := x.PutAway(ctx, c.actor, link.ID(in.Link))
		return one(ctx, c, y, err)
	})
	add(a, operation{
		id: "resume-link", method: http.MethodPost, path: "/links/{link}/resume", tag: tagLinks, needs: team.LinksManage, summary: "Have a link lead on again", description: "It counts on from where it was.",
	}, func(ctx context.Context, c *caller, in *LinkPath) (*output[Link], error) {
		y, err := x.TakeBack(ctx, c.actor, link.ID(in.Link))
		return one(ctx, c, y, err)
	})
	add(a, operation{
		id: "list-link-history", method: http.MethodGet, path: "/links/{link}/history", tag: tagLinks, needs: team.LinksRead, summary: "List where a link led before", description: "The latest first, at most 50.",
	}, func(ctx context.Context, c *caller, in *LinkPath) (*output[list[LinkPast]], error) {
		all, err := x.History(ctx, c.actor, link.ID(in.Link))
		if err != nil {
			return nil, err
		}
		return answer(list[LinkPast]{Items: each(all, func(p link.Past) LinkPast { return LinkPast{At: p.At, Member: string(p.Member), Target: p.Target} })}), nil
	})
	a.linkVisitOperations()
}

func (a *API) linkVisitOperations() {
	x := a.rooms.Links
	add(a, operation{
		id: "get-link-visits", method: http.MethodGet, path: "/links/{link}/visits", tag: tagLinks, needs: team.LinksRead, summary: "Get how a link does", description: "By day, by source and by device.",
	}, func(ctx context.Context, c *caller, in *LinkDays) (*output[LinkReport], error) {
		r, err := x.Visits(ctx, c.actor, link.ID(in.Link), in.Days)
		if err != nil {
			return nil, err
		}
		return answer(LinkReport{
			From: dayText(r.From), To: dayText(r.To), Sum: linkSumOf(r.Sum),
			Days:    each(r.Days, func(d link.DaySum) LinkDay { return LinkDay{dayText(d.Day), linkSumOf(d.Sum)} }),
			Sources: each(r.Sources, func(f link.From) LinkSource { return LinkSource{f.Referrer, f.Visits} }),
			Devices: each(r.Devices, func(f link.From) LinkDevice { return LinkDevice{f.Device.Name(), f.Visits} }),
		}), nil
	})
	add(a, operation{
		id: "list-link-rows", method: http.MethodGet, path: "/links/{link}/rows", tag: tagLinks, needs: team.LinksRead, summary: "List single visits of a link",
		description: "The latest first: what its figures are made of, as long as single visits are kept. Nothing in them leads back to a person.",
	}, func(ctx context.Context, c *caller, in *LinkRows) (*output[list[LinkVisit]], error) {
		var before time.Time
		if in.Before != "" {
			var err error
			if before, err = time.Parse(time.RFC3339, in.Before); err != nil {
				return nil, fault.InvalidFields(fault.Field{Name: "before", Key: "link.csv.date"})
			}
		}
		all, err := x.Rows(ctx, c.actor, link.ID(in.Link), before, in.Limit)
		if err != nil {
			return nil, err
		}
		return answer(list[LinkVisit]{Items: each(all, func(v link.Visit) LinkVisit {
			return LinkVisit{At: v.At, Kind: kindWords[v.Kind], Why: whyWords[v.Why], First: v.First, Device: v.Device.Name(), Language: v.Language, Referrer: v.Referrer}
		})}), nil
	})
	add(a, operation{
		id: "list-link-tallies", method: http.MethodGet, path: "/link-visits", tag: tagLinks, needs: team.LinksRead, summary: "Get all visits by day, channel and campaign",
		description: "What results are made of; in the order of days, channels and campaigns.",
	}, func(ctx context.Context, c *caller, in *LinkTallies) (*output[list[LinkTally]], error) {
		from, err := dayOf("from", in.From)
		if err != nil {
			return nil, err
		}
		to, err := dayOf("to", in.To)
		if err != nil {
			return nil, err
		}
		all, err := x.Tallies(ctx, c.actor, from, to)
		if err != nil {
			return nil, err
		}
		return answer(list[LinkTally]{Items: each(all, func(t link.Tally) LinkTally {
			return LinkTally{Day: dayText(t.Day), Channel: t.Channel, Campaign: t.Campaign, LinkSum: linkSumOf(t.Sum)}
		})}), nil
	})
	add(a, operation{
		id: "get-link-qr", method: http.MethodGet, path: "/links/{link}/qr", tag: tagLinks, needs: team.LinksRead, summary: "Get a link's QR code",
		description: "As a drawing and as a picture. A code that Ponte itself cannot read is refused.",
	}, func(ctx context.Context, c *caller, in *LinkQR) (*output[LinkQRCode], error) {
		y, err := x.Get(ctx, c.actor, link.ID(in.Link))
		if err != nil {
			return nil, err
		}
		s, err := x.Settings(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		address, err := x.Address(ctx, y)
		if err != nil {
			return nil, err
		}
		look := link.Look{Level: link.Level(in.Level), Dark: in.Dark, Light: in.Light, Side: in.Side}
		if in.Logo {
			look.Logo = s.Logo
		}
		d, err := link.Draw(address, look)
		if err == nil {
			err = d.MustRead()
		}
		if err != nil {
			return nil, err
		}
		picture, err := d.PNG()
		if err != nil {
			return nil, err
		}
		return answer(LinkQRCode{Address: address, Contrast: d.Contrast(), SVG: string(d.SVG()), PNG: base64.StdEncoding.EncodeToString(picture)}), nil
	})
	add(a, operation{
		id: "import-links", method: http.MethodPost, path: "/links/import", tag: tagLinks, needs: team.LinksManage, calls: true, summary: "Make links from a table",
		description: "All of them, or none when anything is wrong. With dry nothing is stored. Columns: target, code, title, campaign, channel, source, medium, term, content, tags, expires, password; target_ios, target_en and so on for other targets.",
	}, func(ctx context.Context, c *caller, in *struct{ Body LinkTable }) (*output[LinkImport], error) {
		got, err := x.ImportCSV(ctx, c.actor, strings.NewReader(in.Body.Table), in.Body.Dry)
		if err != nil {
			return nil, err
		}
		return answer(LinkImport{
			Links: each(got.Rows, func(r link.ImportedRow) LinkLine {
				return LinkLine{Line: r.Line, ID: string(r.Link.ID), Code: r.Link.Code, Target: r.In.Target}
			}),
			Errors: each(got.Errors, c.lineError),
		}), nil
	})
	add(a, operation{
		id: "export-links", method: http.MethodGet, path: "/links/export", tag: tagLinks, needs: team.LinksRead, produces: "text/csv", summary: "Get links as a table",
		description: "With their visits, the newest first, at most 5000.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*streamed, error) {
		if err := c.actor.May(team.LinksRead); err != nil {
			return nil, err
		}
		return &streamed{Body: func(huma.Context) {
			h := c.writer.Header()
			h.Set("Content-Type", "text/csv; charset=utf-8")
			h.Set("Content-Disposition", `attachment; filename="links.csv"`)
			if err := x.ExportCSV(ctx, c.actor, c.writer); err != nil {
				c.err = err // the answer has begun: it ends short, and the log says why
			}
		}}, nil
	})
}
