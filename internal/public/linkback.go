package public

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/public/view"
)

// Linkbacks is what the door asks of the room linkback.
type Linkbacks interface {
	Site(ctx context.Context, id network.ChannelID) (network.Channel, error)
	Tell(ctx context.Context, in linkback.ToldIn) (linkback.Mention, error)
	Settle(ctx context.Context, m linkback.Mention, patience time.Duration) (linkback.Mention, error)
	Status(ctx context.Context, ch network.ChannelID, id linkback.MentionID) (linkback.Mention, error)
	Wall(ctx context.Context, id network.ChannelID, target string) (linkback.Wall, error)
}

// patience is how long who tells by an old way is kept waiting for an answer; WordPress waits three seconds.
const patience = 2500 * time.Millisecond

func (p *Public) linkbackRoutes() {
	at := view.PathLinkback + "{channel}"
	p.add("POST "+at+"/webmention", p.takeWebmention)
	p.add("GET "+at+"/webmention", p.sayWebmention)
	p.add("GET "+at+"/webmention/{mention}", p.mentionStatus)
	p.add("POST "+at+"/pingback", p.takePingback)
	p.add("POST "+at+"/trackback", p.takeTrackback)
	p.add("GET "+at+"/embed", p.mentionEmbed)
	p.add("GET "+at+"/mentions.json", p.mentionData)
}

// channelOf reads whose site it is about.
func channelOf(r *http.Request) (network.ChannelID, error) {
	id, err := network.ParseChannelID(r.PathValue("channel"))
	if err != nil {
		return "", linkback.ErrNoSite.Because(err)
	}
	return id, nil
}

// siteOf reads whose site it is about, with its company in the visit.
func (p *Public) siteOf(r *http.Request, v *visit) (network.Channel, error) {
	id, err := channelOf(r)
	if err != nil {
		return network.Channel{}, err
	}
	ch, err := p.rooms.Linkbacks.Site(r.Context(), id)
	if err != nil {
		return network.Channel{}, err
	}
	if v.company, err = p.rooms.Team.Company(r.Context(), ch.Company); err != nil {
		return network.Channel{}, err
	}
	p.speak(v, r, "")
	return ch, nil
}

// inWords answers a program in a few words.
func inWords(rw http.ResponseWriter, status int, words string) {
	h := rw.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	rw.WriteHeader(status)
	_, _ = rw.Write([]byte(words + "\n")) // the program may be gone
}

// refuse says no to a program, with the reason in the reader's language. What the specification calls an error of the request is a 400.
func (p *Public) refuse(rw http.ResponseWriter, v *visit, err error) error {
	v.err = err
	e := fault.Of(err)
	status := http.StatusBadRequest
	switch e.Kind {
	case fault.Invalid:
	case fault.NotFound, fault.Denied, fault.Limited:
		status = statusOf(e.Kind)
	default:
		return err
	}
	if e.RetryAfter > 0 {
		rw.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter/time.Second)+1))
	}
	what, remedy := v.words.Error(e)
	inWords(rw, status, strings.TrimSpace(what+" "+remedy))
	return nil
}

// takeWebmention is told that a page links to one of the company's (Webmention 3.2): it is believed later, when the page was read.
func (p *Public) takeWebmention(rw http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := channelOf(r)
	if err == nil {
		err = p.linking.take(v.remote)
	}
	var m linkback.Mention
	if err == nil {
		m, err = p.rooms.Linkbacks.Tell(r.Context(), linkback.ToldIn{Channel: id, Source: r.PostFormValue("source"), Target: r.PostFormValue("target"), Protocol: mention.Webmention})
	}
	if err != nil {
		return p.refuse(rw, v, err)
	}
	rw.Header().Set("Location", p.base(r, v)+view.PathLinkback+string(id)+"/webmention/"+string(m.ID))
	inWords(rw, http.StatusCreated, v.words.T("mentionpage.taken"))
	return nil
}

// sayWebmention tells who opens the address in a browser what it is for.
func (p *Public) sayWebmention(rw http.ResponseWriter, r *http.Request, v *visit) error {
	ch, err := p.siteOf(r, v)
	if err != nil {
		return p.refuse(rw, v, err)
	}
	inWords(rw, http.StatusOK, v.words.T("mentionpage.here", "site", ch.Handle))
	return nil
}

// mentionStatus tells whoever told of a page what became of it.
func (p *Public) mentionStatus(rw http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := channelOf(r)
	if err == nil {
		err = p.looking.take(v.remote)
	}
	if err != nil {
		return p.refuse(rw, v, err)
	}
	mid, err := linkback.ParseMentionID(r.PathValue("mention"))
	if err != nil {
		return p.refuse(rw, v, linkback.ErrNoMention.Because(err))
	}
	m, err := p.rooms.Linkbacks.Status(r.Context(), id, mid)
	if err != nil {
		return p.refuse(rw, v, err)
	}
	out := struct {
		Status  linkback.State `json:"status"`
		Source  string         `json:"source"`
		Target  string         `json:"target"`
		Summary string         `json:"summary"`
	}{m.State, m.Source, m.Target, v.words.T("mentionpage.state." + string(m.State))}
	if err := m.Err(); err != nil {
		out.Summary, _ = v.words.Error(fault.Of(err))
	}
	return asJSON(rw, out)
}

func asJSON(rw http.ResponseWriter, x any) error {
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	h := rw.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Robots-Tag", "noindex")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	_, _ = rw.Write(append(b, '\n')) // the program may be gone
	return nil
}

// takePingback is told by the older way, which wants its answer at once (Pingback 1.0, section 3).
func (p *Public) takePingback(rw http.ResponseWriter, r *http.Request, v *visit) error {
	said, err := p.pingback(r, v)
	h := rw.Header()
	h.Set("Content-Type", "text/xml; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if err != nil {
		v.err = err
		f := p.faultOf(v, err)
		if f == nil {
			h.Del("Content-Type")
			return err
		}
		_, _ = rw.Write(f.XML()) // the program may be gone
		return nil
	}
	_, _ = rw.Write(mention.PingbackReply(said))
	return nil
}

func (p *Public) pingback(r *http.Request, v *visit) (string, error) {
	id, err := channelOf(r)
	if err != nil {
		return "", err
	}
	if err := p.linking.take(v.remote); err != nil {
		return "", err
	}
	call, err := mention.ReadCall(r.Body)
	if err != nil {
		return "", err
	}
	if call.Method != mention.PingbackMethod {
		return "", &mention.Fault{Code: mention.FaultMethod, Text: "Method not found: " + mention.PingbackMethod + " is the only one."}
	}
	params, err := call.Strings(2)
	if err != nil {
		return "", err
	}
	m, err := p.rooms.Linkbacks.Tell(r.Context(), linkback.ToldIn{Channel: id, Source: params[0], Target: params[1], Protocol: mention.Pingback})
	if err != nil {
		return "", err
	}
	known := !m.Verified.IsZero()
	if m, err = p.rooms.Linkbacks.Settle(r.Context(), m, patience); err != nil {
		return "", err
	}
	switch err := m.Err(); {
	case err != nil:
		return "", err
	case known:
		return "", errKnown
	}
	return v.words.T("mentionpage.taken"), nil
}

// errKnown says that a page was told of before by a way that has a number for that.
var errKnown = fault.New(fault.Conflict, "mentionpage.known")

// faultOf gives the number that the specification has for an error; nil: it is our own defect.
func (p *Public) faultOf(v *visit, err error) *mention.Fault {
	if f, ok := errors.AsType[*mention.Fault](err); ok {
		return f
	}
	e := fault.Of(err)
	if e.Kind == fault.Internal {
		return nil
	}
	what, _ := v.words.Error(e)
	f := &mention.Fault{Code: mention.FaultOther, Text: what}
	switch e.Key {
	case mention.ErrAddress.Key, linkback.ProblemNoSource, linkback.ProblemInside:
		f.Code = mention.FaultNoSource
	case linkback.ProblemNoLink, mention.ErrSame.Key:
		f.Code = mention.FaultNoLink
	case linkback.ProblemNoTarget:
		f.Code = mention.FaultNoTarget
	case linkback.ErrTarget.Key, linkback.ErrNoSite.Key:
		f.Code = mention.FaultTarget
	case errKnown.Key:
		f.Code = mention.FaultKnown
	case linkback.ErrBlocked.Key:
		f.Code = mention.FaultDenied
	case linkback.ProblemUnreachable:
		f.Code = mention.FaultUpstream
	}
	return f
}

// takeTrackback is told by the oldest way. The page that was linked stands in the address.
func (p *Public) takeTrackback(rw http.ResponseWriter, r *http.Request, v *visit) error {
	err := p.trackback(r, v)
	wrong := ""
	if err != nil {
		v.err = err
		e := fault.Of(err)
		if e.Kind == fault.Internal {
			return err
		}
		wrong, _ = v.words.Error(e)
	}
	h := rw.Header()
	h.Set("Content-Type", "text/xml; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, _ = rw.Write(mention.TrackbackReply(wrong)) // the program may be gone
	return nil
}

func (p *Public) trackback(r *http.Request, v *visit) error {
	id, err := channelOf(r)
	if err != nil {
		return err
	}
	if err := p.linking.take(v.remote); err != nil {
		return err
	}
	t, err := mention.ReadTrackback(r.Header.Get("Content-Type"), r.Body)
	if err != nil {
		return mention.ErrAddress.Because(err)
	}
	m, err := p.rooms.Linkbacks.Tell(r.Context(), linkback.ToldIn{Channel: id, Source: t.URL, Target: r.URL.Query().Get("page"), Protocol: mention.TrackBack})
	if err != nil {
		return err
	}
	if m, err = p.rooms.Linkbacks.Settle(r.Context(), m, patience); err != nil {
		return err
	}
	return m.Err()
}

// wall reads what is said of the page that is asked for. Anybody may show it: it is for the company's site, and holds what is public.
func (p *Public) wall(rw http.ResponseWriter, r *http.Request, v *visit) (linkback.Wall, error) {
	ch, err := p.siteOf(r, v)
	if err != nil {
		return linkback.Wall{}, err
	}
	if err := p.viewing.take(v.remote); err != nil {
		return linkback.Wall{}, err
	}
	w, err := p.rooms.Linkbacks.Wall(r.Context(), ch.ID, r.URL.Query().Get("page"))
	if err != nil {
		return linkback.Wall{}, err
	}
	h := rw.Header()
	h.Set("Cache-Control", "public, max-age=60")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Robots-Tag", "noindex")
	h.Add("Vary", "Accept-Language")
	return w, nil
}

// mentionEmbed is the frame for a page of the company's site: no script, nothing from elsewhere.
func (p *Public) mentionEmbed(rw http.ResponseWriter, r *http.Request, v *visit) error {
	w, err := p.wall(rw, r, v)
	if err != nil {
		return err
	}
	h := rw.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *")
	h.Del("X-Frame-Options")
	body, err := drawn(r, view.MentionsPage(p.page(r, v), p.mentions(v, w)))()
	if err != nil {
		return err
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write(body) // the browser may be gone
	return nil
}

// mentions lays out what is said of a page.
func (p *Public) mentions(v *visit, w linkback.Wall) view.Mentions {
	words, now, zone := v.words, p.rooms.Clock.Now(), v.company.Location()
	out := view.Mentions{Title: words.T("mentionpage.title"), Empty: words.T("mentionpage.empty")}
	for _, s := range w.Shown {
		one := view.Mention{
			Author: s.Author, AuthorURL: s.AuthorURL, URL: s.URL, Text: strings.ReplaceAll(s.Text, "\n\n", "\n"), Did: words.T("mentionpage.kind." + string(s.Kind)),
			When: words.Moment(s.At.In(zone), now.In(zone)), At: s.At.UTC().Format(time.RFC3339),
		}
		if u, err := url.Parse(s.URL); err == nil {
			one.Host = strings.TrimPrefix(u.Hostname(), "www.")
		}
		out.All = append(out.All, one)
	}
	if w.More > 0 {
		out.More = words.N("mentionpage.more", w.More)
	}
	hidden := 0
	for _, n := range w.Hidden {
		hidden += n
	}
	if hidden > 0 {
		out.Hidden = words.N("mentionpage.hidden", hidden)
	}
	return out
}

// mentionData is the same for programs of the company's site.
func (p *Public) mentionData(rw http.ResponseWriter, r *http.Request, v *visit) error {
	w, err := p.wall(rw, r, v)
	if err != nil {
		return p.refuse(rw, v, err)
	}
	type one struct {
		Kind      mention.Kind `json:"kind"`
		Author    string       `json:"author"`
		AuthorURL string       `json:"author_url,omitempty"`
		URL       string       `json:"url"`
		Text      string       `json:"text"`
		At        time.Time    `json:"at"`
	}
	out := struct {
		Page     string                  `json:"page"`
		Counts   map[mention.Kind]int    `json:"counts"`
		Hidden   map[linkback.Reason]int `json:"hidden"`
		More     int                     `json:"more"`
		Mentions []one                   `json:"mentions"`
	}{w.Target, w.Counts, w.Hidden, w.More, []one{}}
	for _, s := range w.Shown {
		out.Mentions = append(out.Mentions, one{s.Kind, s.Author, s.AuthorURL, s.URL, s.Text, s.At.UTC()})
	}
	rw.Header().Set("Access-Control-Allow-Origin", "*")
	return asJSON(rw, out)
}
