package api

import (
	"time"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// PostFile is a file of a post.
type PostFile struct {
	Media  string  `json:"media" example:"med_01kjpzx2p0000000000000000m" doc:"The file, uploaded before."`
	Alt    string  `json:"alt,omitempty" example:"Our new cup, blue glaze" doc:"What it shows, for who cannot see it."`
	FocusX float64 `json:"focus_x,omitempty" minimum:"-1" maximum:"1" example:"0.2" doc:"The point that stays when it is cut: -1 left, 1 right."`
	FocusY float64 `json:"focus_y,omitempty" minimum:"-1" maximum:"1" example:"0" doc:"-1 below, 1 above."`
}

// PostMessage is what was written once.
type PostMessage struct {
	Title        string     `json:"title,omitempty" example:"Glaze workshop" doc:"For networks that have one, and for the calendar."`
	Text         string     `json:"text,omitempty" example:"On Saturday we open the kiln. Who comes?" doc:"With light marks: **bold**, *italic*, [words](https://...), @[Name](per_...), #tag."`
	Warning      string     `json:"warning,omitempty" example:"Flashing lights" doc:"Content warning."`
	Language     string     `json:"language,omitempty" example:"it" doc:"Absent: the company's."`
	Visibility   string     `json:"visibility,omitempty" enum:"public,unlisted,followers,direct" example:"public" doc:"Absent: as the channel is used to."`
	Media        []PostFile `json:"media,omitempty" nullable:"false" doc:"Files, in order."`
	Tags         []string   `json:"tags,omitempty" nullable:"false" example:"[\"ceramics\"]" doc:"Placed by each network's habit; without #."`
	Signature    string     `json:"signature,omitempty" example:"psn_01kjpzx2p0000000000000000z" doc:"A snippet of that kind."`
	FirstComment string     `json:"first_comment,omitempty" example:"Where: via Roma 1." doc:"Goes out below the post."`
	Campaign     string     `json:"campaign,omitempty" example:"kiln-2026" doc:"Marks the addresses of links."`
	Numbering    bool       `json:"numbering,omitempty" doc:"Parts of a thread are numbered."`
	Track        bool       `json:"track,omitempty" doc:"Links go out under the company's own address, one for each channel, and their visits are counted."`
}

func messageOf(m post.Message) PostMessage {
	return PostMessage{
		Title: m.Title, Text: m.Text, Warning: m.Warning, Language: m.Language, Visibility: string(m.Visibility), Tags: m.Tags, Signature: string(m.Signature),
		FirstComment: m.FirstComment, Campaign: m.Campaign, Numbering: m.Numbering, Track: m.Track,
		Media: each(m.Media, func(f post.Media) PostFile {
			return PostFile{Media: string(f.ID), Alt: f.Alt, FocusX: f.FocusX, FocusY: f.FocusY}
		}),
	}
}

func (m PostMessage) message() post.Message {
	return post.Message{
		Title: m.Title, Text: m.Text, Warning: m.Warning, Language: m.Language, Visibility: network.Visibility(m.Visibility), Tags: m.Tags,
		Signature: post.SnippetID(m.Signature), FirstComment: m.FirstComment, Campaign: m.Campaign, Numbering: m.Numbering, Track: m.Track,
		Media: each(m.Media, func(f PostFile) post.Media {
			return post.Media{ID: media.ID(f.Media), Alt: f.Alt, FocusX: f.FocusX, FocusY: f.FocusY}
		}),
	}
}

// PostOwn are written by hand for one channel in place of the message.
type PostOwn struct {
	Title        string `json:"title,omitempty" example:"Glaze workshop" doc:"Title."`
	Text         string `json:"text" example:"Saturday: the kiln opens." doc:"Text."`
	Warning      string `json:"warning,omitempty" example:"Flashing lights" doc:"Content warning."`
	FirstComment string `json:"first_comment,omitempty" example:"Where: via Roma 1." doc:"First comment."`
	Media        []int  `json:"media,omitempty" nullable:"false" example:"[0]" doc:"Which files of the message, by number from 0; absent: all."`
}

// Writing is the whole content of a post.
type Writing struct {
	Message  PostMessage        `json:"message" doc:"Written once."`
	Channels []string           `json:"channels,omitempty" nullable:"false" example:"[\"chn_01kjpzx2p0000000000000000f\"]" doc:"Where it is for."`
	Own      map[string]PostOwn `json:"own,omitempty" doc:"By channel: what is written by hand; the others follow the message."`
}

func writingOf(w post.Written) Writing {
	out := Writing{Message: messageOf(w.Message), Channels: strs(w.Channels)}
	for ch, o := range w.Own {
		if out.Own == nil {
			out.Own = map[string]PostOwn{}
		}
		out.Own[string(ch)] = PostOwn{Title: o.Title, Text: o.Text, Warning: o.Warning, FirstComment: o.FirstComment, Media: o.Media}
	}
	return out
}

func channelsIn(in []string) []network.ChannelID {
	if in == nil {
		return nil
	}
	return each(in, func(s string) network.ChannelID { return network.ChannelID(s) })
}

func (w Writing) own() map[network.ChannelID]post.Own {
	out := map[network.ChannelID]post.Own{}
	for ch, o := range w.Own {
		out[network.ChannelID(ch)] = post.Own{Title: o.Title, Text: o.Text, Warning: o.Warning, FirstComment: o.FirstComment, Media: o.Media}
	}
	return out
}

// PostWhen is the time that was chosen.
type PostWhen struct {
	Kind   string      `json:"kind" enum:"now,at,slot" example:"at" doc:"now; at: when the clock on the company's wall shows something; slot: the next free slot of each channel."`
	At     string      `json:"at,omitempty" example:"2026-03-29T18:30" doc:"By the company's clock: YYYY-MM-DDTHH:MM."`
	Second bool        `json:"second,omitempty" doc:"Of an hour that comes twice, the second."`
	Anyway bool        `json:"anyway,omitempty" doc:"In a quiet time all the same."`
	Repeat *PostRepeat `json:"repeat,omitempty" doc:"It comes again, by a rule with an end."`
}

// PostRepeat is a rule with an end.
type PostRepeat struct {
	Every    string     `json:"every" enum:"day,week,month" example:"week" doc:"Unit."`
	Interval int        `json:"interval,omitempty" minimum:"1" maximum:"99" example:"1" doc:"Every so many."`
	Weekdays []int      `json:"weekdays,omitempty" nullable:"false" example:"[1,4]" doc:"Of weeks: 0 Sunday to 6 Saturday."`
	Day      int        `json:"day,omitempty" minimum:"1" maximum:"31" example:"31" doc:"Of months; in a shorter one its last day."`
	Until    *time.Time `json:"until,omitempty" example:"2026-06-30T22:00:00Z" doc:"The last moment."`
	Count    int        `json:"count,omitempty" minimum:"1" example:"10" doc:"How often."`
}

func whenOf(w post.When) *PostWhen {
	if w.Kind == "" {
		return nil
	}
	out := &PostWhen{Kind: string(w.Kind), Second: w.Second, Anyway: w.Anyway}
	if w.Kind == post.At {
		out.At = w.Wall.String()
	}
	if r := w.Repeat; r != nil {
		out.Repeat = &PostRepeat{Every: string(r.Every), Interval: r.Interval, Weekdays: each(r.Weekdays, func(d time.Weekday) int { return int(d) }), Day: r.Day, Until: when(r.Until), Count: r.Count}
	}
	return out
}

func (w PostWhen) when() (post.When, error) {
	out := post.When{Kind: post.WhenKind(w.Kind), Second: w.Second, Anyway: w.Anyway}
	if w.Kind == string(post.At) {
		wall, err := wallIn(w.At)
		if err != nil {
			return out, err
		}
		out.Wall = wall
	}
	if r := w.Repeat; r != nil {
		out.Repeat = &schedule.Rule{
			Every: schedule.Unit(r.Every), Interval: r.Interval, Weekdays: each(r.Weekdays, func(d int) time.Weekday { return time.Weekday(d) }), Day: r.Day,
			Hour: out.Wall.Hour, Minute: out.Wall.Minute, Until: moment(r.Until), Count: r.Count,
		}
	}
	return out, nil
}

// Post is a message with where it stands.
type Post struct {
	ID        string      `json:"id" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	State     string      `json:"state" enum:"draft,pending,approved,planned,held,sending,sent,failed,gone" example:"draft" doc:"pending: waits for a yes; held: its time has come and a person must say that it may go out."`
	Message   PostMessage `json:"message" doc:"Written once."`
	Version   int         `json:"version" example:"3" doc:"Grows with each save; give it back with what you change."`
	Hash      string      `json:"hash,omitempty" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Of the exact bytes that were asked about or planned."`
	CreatedBy string      `json:"created_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"By whom."`
	Created   time.Time   `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When."`
	SavedBy   string      `json:"saved_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who saved it last."`
	Saved     time.Time   `json:"saved_at" example:"2026-03-02T09:10:00Z" doc:"When."`
	AskedBy   string      `json:"asked_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who asked for a yes."`
	Asked     *time.Time  `json:"asked_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When."`
	Wanted    []string    `json:"wanted" nullable:"false" example:"[\"owner\"]" doc:"The yeses it needs, one after the other: a role, or any."`
	Back      string      `json:"back,omitempty" example:"On which day?" doc:"Why it was sent back."`
	When      *PostWhen   `json:"when,omitempty" doc:"The time that was chosen."`
	Due       *time.Time  `json:"due_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"The first moment at which something of it goes out."`
	Sent      *time.Time  `json:"sent_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When the last of it went out."`
	Trouble   bool        `json:"trouble" doc:"Something of it did not get out, or nobody knows."`
	Series    string      `json:"series,omitempty" example:"pse_01kjpzx2p0000000000000000z" doc:"It comes again: the series."`
	Nth       int         `json:"occurrence,omitempty" example:"0" doc:"Of the series, from 0."`
}

func postOf(p post.Post) Post {
	return Post{
		ID: string(p.ID), State: string(p.State), Message: messageOf(p.Message), Version: p.Version, Hash: p.Hash, CreatedBy: string(p.CreatedBy), Created: p.CreatedAt.UTC(),
		SavedBy: string(p.SavedBy), Saved: p.SavedAt.UTC(), AskedBy: string(p.AskedBy), Asked: when(p.AskedAt), Back: p.Back, When: whenOf(p.When), Due: when(p.DueAt),
		Sent: when(p.SentAt), Trouble: p.Trouble, Series: string(p.Series), Nth: p.Occurrence,
		Wanted: each(p.Wanted, func(s post.Step) string {
			if s.Role == "" {
				return "any"
			}
			return string(s.Role)
		}),
	}
}

// PostEntry is a post as lists and the calendar show it.
type PostEntry struct {
	Post
	Channels   []string `json:"channels" example:"[\"chn_01kjpzx2p0000000000000000f\"]" nullable:"false" doc:"Where it is for."`
	Waits      bool     `json:"waits" doc:"For a yes."`
	Missed     bool     `json:"missed" doc:"Its time has passed without the yes it needs."`
	Correction string   `json:"correction,omitempty" example:"pco_01kjpzx2p0000000000000000z" doc:"Other words for what stands that wait for a yes."`
}

func entryOf(e post.Entry) PostEntry {
	out := PostEntry{Post: postOf(e.Post), Channels: strs(e.Channels), Waits: e.Waits, Missed: e.Missed}
	if e.Correction != nil {
		out.Correction = string(e.Correction.ID)
	}
	return out
}

// PostNote is what a network's rules say about a form.
type PostNote struct {
	Level string         `json:"level" enum:"hint,warn,refuse" example:"warn" doc:"refuse: the network will not take it."`
	Key   string         `json:"key" example:"adapt.note.length" doc:"For programs."`
	Text  string         `json:"text" example:"On Saturday we open the kiln." doc:"In words."`
	Args  map[string]any `json:"args,omitempty" doc:"Figures and names in it."`
	Part  int            `json:"part" example:"0" doc:"Which message of the thread, from 0; -1: none."`
	Media int            `json:"media" example:"-1" doc:"Which file, from 0; -1: none."`
}

// PostContent is one message on a network.
type PostContent struct {
	Title   string `json:"title,omitempty" example:"Glaze workshop" doc:"Title."`
	Text    string `json:"text" example:"On Saturday we open the kiln." doc:"What people read."`
	Warning string `json:"warning,omitempty" example:"Flashing lights" doc:"Content warning."`
	Card    string `json:"card,omitempty" example:"https://www.example.org" doc:"The address that the network shows as a card."`
	Shown   string `json:"card_title,omitempty" example:"The kiln is open" doc:"What the card is headed with, as the page told when it was read."`
	Words   string `json:"card_text,omitempty" example:"On Saturday from nine" doc:"What the card says below."`
	Files   int    `json:"files" example:"1" doc:"How many files go with it."`
	Comment bool   `json:"first_comment" doc:"It is the first comment."`
	Length  int    `json:"length,omitempty" example:"212" doc:"As the network counts."`
	Limit   int    `json:"limit,omitempty" example:"300" doc:"Most that the network takes."`
}

// PostPart is one message of a form on its way, or on the network.
type PostPart struct {
	ID      string     `json:"id" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	State   string     `json:"state" enum:"waiting,sending,sent,unconfirmed,failed,gone" example:"sent" doc:"unconfirmed: nobody knows whether it arrived; it is being read back."`
	URL     string     `json:"url,omitempty" example:"https://mastodon.example/@arno/9" doc:"Where it stands."`
	Trouble string     `json:"trouble,omitempty" example:"network.problem.rate" doc:"What stands in the way, for programs."`
	Words   string     `json:"trouble_text,omitempty" example:"Too many requests." doc:"The same in words."`
	Sent    *time.Time `json:"sent_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When."`
}

// PostVariant is a post's form for one channel.
type PostVariant struct {
	ID       string        `json:"id,omitempty" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Channel  string        `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"The channel."`
	Follows  bool          `json:"follows" doc:"It follows the message; else it was written by hand."`
	State    string        `json:"state,omitempty" example:"idle" enum:"idle,planned,held,queued,sending,sent,failed,stopped,gone" doc:"Where it stands."`
	Why      string        `json:"why,omitempty" example:"paused" enum:"paused,late" doc:"What holds it."`
	Contents []PostContent `json:"contents" nullable:"false" doc:"Message by message; the first comment comes last."`
	Notes    []PostNote    `json:"notes" nullable:"false" doc:"What the network's rules say."`
	Parts    []PostPart    `json:"parts" nullable:"false" doc:"Once it is on its way."`
	Due      *time.Time    `json:"due_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When it goes out."`
	Sent     *time.Time    `json:"sent_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When it had gone out."`
}

func (c *caller) noteOf(n adapt.Note) PostNote {
	return PostNote{Level: string(n.Level), Key: n.Key, Text: c.visit.words.T(n.Key, n.Args), Args: n.Args, Part: n.Part, Media: n.Media}
}

func (c *caller) troubleOf(t *delivery.Trouble) (key, words string) {
	if t == nil {
		return "", ""
	}
	return t.Key, c.visit.words.T(t.Key, t.Args)
}

func (c *caller) variantOf(v post.Variant) PostVariant {
	out := PostVariant{
		ID: string(v.ID), Channel: string(v.Channel), Follows: v.Own == nil, State: string(v.State), Why: string(v.Why), Notes: each(v.Fitted.Notes, c.noteOf),
		Due: when(v.DueAt), Sent: when(v.SentAt), Contents: []PostContent{}, Parts: []PostPart{},
	}
	for i, x := range v.Contents {
		one := PostContent{Title: x.Title, Text: x.Text, Warning: x.Warning, Card: x.Card, Files: len(x.Media), Comment: x.Comment}
		if x.Shown != nil {
			one.Shown, one.Words = x.Shown.Title, x.Shown.Description
		}
		if !x.Comment && i < len(v.Fitted.Parts) {
			one.Length, one.Limit = v.Fitted.Parts[i].Length, v.Fitted.Parts[i].Limit
		}
		out.Contents = append(out.Contents, one)
	}
	for _, p := range v.Parts {
		one := PostPart{ID: string(p.ID), State: string(p.State), URL: p.URL, Sent: when(p.SentAt)}
		one.Trouble, one.Words = c.troubleOf(p.Trouble)
		out.Parts = append(out.Parts, one)
	}
	return out
}

// PostAdvice says how a text reads. It never stands in the way.
type PostAdvice struct {
	Kind    string `json:"kind" example:"part" doc:"What it is about."`
	Level   string `json:"level" example:"hint" enum:"hint,look,confirm" doc:"confirm: a member must say that it may go out."`
	Key     string `json:"key" example:"adapt.note.length" doc:"For programs."`
	Text    string `json:"text" example:"On Saturday we open the kiln." doc:"Why, in words."`
	Channel string `json:"channel,omitempty" example:"chn_01kjpzx2p0000000000000000f" doc:"Whose own text it is about; absent: the message."`
	Start   int    `json:"start" example:"0" doc:"Bytes of the text."`
	End     int    `json:"end" example:"12" doc:"0: the whole text."`
}

func (c *caller) adviceOf(v post.Advice) PostAdvice {
	return PostAdvice{
		Kind: string(v.Kind), Level: string(v.Level), Key: v.Key, Text: c.visit.words.T(v.Key, v.Args), Channel: string(v.Channel), Start: v.Start, End: v.End,
	}
}

// PostDoubt looks as if it should not go out.
type PostDoubt struct {
	Mark    string     `json:"mark" example:"iban:9f2c" doc:"Names it; give it to confirm."`
	Kind    string     `json:"kind" example:"iban" doc:"What it looks like."`
	Text    string     `json:"text" example:"On Saturday we open the kiln." doc:"In words."`
	Shown   string     `json:"shown" example:"IT60…456" doc:"Its ends, to recognise it by."`
	Channel string     `json:"channel,omitempty" example:"chn_01kjpzx2p0000000000000000f" doc:"In whose own text; absent: the message."`
	By      string     `json:"confirmed_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who said that it may go out."`
	At      *time.Time `json:"confirmed_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When."`
}

func (c *caller) doubtOf(d post.Doubt) PostDoubt {
	return PostDoubt{
		Mark: d.Mark, Kind: string(d.Kind), Text: c.visit.words.T(d.Key, d.Args), Shown: d.Shown, Channel: string(d.Channel), By: string(d.By), At: when(d.At),
	}
}

// PostComment is said about a post to the team.
type PostComment struct {
	ID     string    `json:"id" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Member string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who; absent: a guest."`
	Guest  string    `json:"guest,omitempty" example:"Studio Neri" doc:"The guest's name."`
	Text   string    `json:"text" example:"On Saturday we open the kiln." doc:"What."`
	At     time.Time `json:"at" example:"2026-03-29T16:30:00Z" doc:"When."`
}

func commentOf(c post.Comment) PostComment {
	return PostComment{ID: string(c.ID), Member: string(c.Member), Guest: c.Guest, Text: c.Text, At: c.At.UTC()}
}

// PostDecision is what somebody said about the exact bytes of a post.
type PostDecision struct {
	Hash   string    `json:"hash" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Of the bytes."`
	Yes    bool      `json:"yes" doc:"Yes or no."`
	Member string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who, or in whose place a guest did."`
	Role   string    `json:"role,omitempty" example:"owner" doc:"That they had then."`
	Guest  string    `json:"guest,omitempty" example:"Studio Neri" doc:"The guest's name."`
	Counts bool      `json:"counts" doc:"It is a yes that the company asked for."`
	Words  string    `json:"words,omitempty" example:"Lovely." doc:"What they added."`
	At     time.Time `json:"at" example:"2026-03-29T16:30:00Z" doc:"When."`
	Valid  bool      `json:"valid" doc:"It is about what the post says now."`
}

// PostGuest may say yes or no to one post by a personal link.
type PostGuest struct {
	ID        string     `json:"id" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Name      string     `json:"name" example:"Studio Neri" doc:"Name."`
	By        string     `json:"invited_by" example:"mbr_01kjpzx2p0000000000000000b" doc:"In whose place they decide."`
	Expires   time.Time  `json:"expires_at" example:"2026-03-29T16:30:00Z" doc:"Until when the link works."`
	Seen      *time.Time `json:"seen_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When the link was last opened."`
	Used      *time.Time `json:"used_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When they decided."`
	Withdrawn *time.Time `json:"withdrawn_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When it was withdrawn."`
}

func guestOf(g post.Guest) PostGuest {
	return PostGuest{ID: string(g.ID), Name: g.Name, By: string(g.InvitedBy), Expires: g.ExpiresAt.UTC(), Seen: when(g.SeenAt), Used: when(g.UsedAt), Withdrawn: when(g.WithdrawnAt)}
}

// PostResult is what a form had brought at an age.
type PostResult struct {
	Channel   string    `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"The channel."`
	Age       string    `json:"age" enum:"1h,1d,7d,30d" example:"1d" doc:"How old it was."`
	Parts     int       `json:"parts" example:"1" doc:"Messages that were counted."`
	Read      time.Time `json:"read_at" example:"2026-03-29T16:30:00Z" doc:"When the last of them was read."`
	Reactions *int      `json:"reactions,omitempty" example:"3" doc:"Absent: the network does not tell."`
	Replies   *int      `json:"replies,omitempty" example:"3" doc:"Absent: the network does not tell."`
	Shares    *int      `json:"shares,omitempty" example:"3" doc:"Absent: the network does not tell."`
	Quotes    *int      `json:"quotes,omitempty" example:"3" doc:"Absent: the network does not tell."`
	Views     *int      `json:"views,omitempty" example:"3" doc:"Absent: the network does not tell."`
}

// PostVisits is what came by one link of a post.
type PostVisits struct {
	Channel string           `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"The channel."`
	Link    string           `json:"link" example:"lnk_01kjpzx2p0000000000000000m" doc:"The link."`
	Address string           `json:"address" example:"https://ponte.example/l/k7m2qa" doc:"Under which it is followed."`
	Target  string           `json:"target" example:"https://ceramichearno.example/corsi" doc:"Where it leads."`
	Visits  int64            `json:"visits" example:"12" doc:"Of people, since the post went out there."`
	By      map[string]int64 `json:"by" nullable:"false" example:"{\"1h\":3}" doc:"Of them by the time the post was so old; ages that it has not reached are absent."`
}

func visitsOf(v post.Visited) PostVisits {
	by := map[string]int64{}
	for a, n := range v.By {
		by[string(a)] = n
	}
	return PostVisits{Channel: string(v.Channel), Link: v.Link, Address: v.Address, Target: v.Target, Visits: v.Visits, By: by}
}

func resultOf(r post.Result) PostResult {
	n := r.Counted
	return PostResult{
		Channel: string(r.Channel), Age: string(r.Age), Parts: r.Parts, Read: r.ReadAt.UTC(), Reactions: n.Reactions, Replies: n.Replies, Shares: n.Shares, Quotes: n.Quotes, Views: n.Views,
	}
}

// PostCorrection is other words for messages that stand, or that they go.
type PostCorrection struct {
	ID      string    `json:"id" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Kind    string    `json:"kind" example:"edit" enum:"edit,takedown" doc:"What was wanted."`
	State   string    `json:"state" example:"pending" enum:"pending,back,working,done,failed" doc:"pending: waits for a yes."`
	Hash    string    `json:"hash,omitempty" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Of the bytes that a yes is about."`
	Targets int       `json:"targets" example:"2" doc:"How many messages it is about."`
	Done    int       `json:"done" example:"1" doc:"How many of them are done."`
	By      string    `json:"by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who wanted it."`
	At      time.Time `json:"at" example:"2026-03-29T16:30:00Z" doc:"When."`
	Trouble string    `json:"trouble,omitempty" example:"network.problem.rate" doc:"What stands in the way, for programs."`
	Words   string    `json:"trouble_text,omitempty" example:"Too many requests." doc:"The same in words."`
}

func (c *caller) correctionOf(x post.Correction) PostCorrection {
	out := PostCorrection{ID: string(x.ID), Kind: string(x.Kind), State: string(x.State), Hash: x.Hash, Targets: len(x.Targets), Done: len(x.Done), By: string(x.By), At: x.At.UTC()}
	out.Trouble, out.Words = c.troubleOf(x.Trouble)
	return out
}

// PostWhole is a post with everything that belongs to it.
type PostWhole struct {
	Post          Post             `json:"post" doc:"The post."`
	Writing       Writing          `json:"writing" doc:"Its content."`
	Variants      []PostVariant    `json:"variants" nullable:"false" doc:"Its form for each channel."`
	Advice        []PostAdvice     `json:"advice" nullable:"false" doc:"Of a draft: how it reads."`
	Doubts        []PostDoubt      `json:"doubts" nullable:"false" doc:"What must be confirmed, and who confirmed it."`
	Comments      []PostComment    `json:"comments" nullable:"false" doc:"For the team."`
	Decisions     []PostDecision   `json:"decisions" nullable:"false" doc:"Yeses and noes, oldest first."`
	Given         int              `json:"given" example:"1" doc:"Of the yeses that are wanted, how many there are."`
	Guests        []PostGuest      `json:"guests" nullable:"false" doc:"Personal links."`
	Shared        []string         `json:"shared" example:"[\"mbr_01kjpzx2p0000000000000000b\"]" nullable:"false" doc:"Members who see it though they may not see all."`
	Present       []string         `json:"present" example:"[\"mbr_01kjpzx2p0000000000000000b\"]" nullable:"false" doc:"Other members who are in it now."`
	Corrections   []PostCorrection `json:"corrections" nullable:"false" doc:"Of what stands."`
	Results       []PostResult     `json:"results" nullable:"false" doc:"What it brought."`
	Visits        []PostVisits     `json:"visits" nullable:"false" doc:"Who came by its links, where they are counted."`
	Said          int              `json:"said" example:"4" doc:"How many interactions stand under it."`
	Conversations []string         `json:"conversations" example:"[\"cnv_01kjpzx2p0000000000000000g\"]" nullable:"false" doc:"In which conversations."`
	Paused        bool             `json:"paused" doc:"Everything is paused."`
}

func (c *caller) wholeOf(f post.File) PostWhole {
	out := PostWhole{
		Post: postOf(f.Post), Writing: writingOf(f.Written), Variants: each(f.Variants, c.variantOf), Advice: each(f.Advice, c.adviceOf), Doubts: each(f.Doubts, c.doubtOf),
		Comments: each(f.Comments, commentOf), Given: f.Given, Guests: each(f.Guests, guestOf), Shared: strs(f.Shared), Present: strs(f.Present),
		Corrections: each(f.Corrections, c.correctionOf), Results: each(f.Results, resultOf), Visits: each(f.Visits, visitsOf), Said: f.Said.Interactions, Conversations: []string{}, Paused: f.Stop != nil,
		Decisions: each(f.Decisions, func(d post.Decision) PostDecision {
			return PostDecision{Hash: d.Hash, Yes: d.Yes, Member: string(d.Member), Role: string(d.Role), Guest: d.Guest, Counts: d.Counts, Words: d.Words, At: d.At.UTC(), Valid: d.Valid}
		}),
	}
	for _, t := range f.Said.Talks {
		out.Conversations = append(out.Conversations, string(t.Conversation))
	}
	return out
}

func membersIn(in []string) []team.MemberID {
	return each(in, func(s string) team.MemberID { return team.MemberID(s) })
}
