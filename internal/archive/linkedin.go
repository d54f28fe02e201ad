package archive

import (
	"bufio"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// linkedin reads the data of a profile as LinkedIn packs it: Shares.csv, Comments.csv, messages.csv, with Profile.csv for whose they are.
type linkedin struct{ s *scan }

func newLinkedIn(s *scan) reader { return linkedin{s} }

func claimsLinkedIn(name string, head []byte) bool {
	if !hasEnding(name, ".csv") {
		return false
	}
	names := splitHead(firstLine(head))
	has := func(all ...string) bool {
		return !slices.ContainsFunc(all, func(n string) bool { return !slices.Contains(names, n) })
	}
	return has("date", "sharelink", "sharecommentary") || has("conversation id", "from", "date", "content") || base(name) == "comments.csv" && has("date", "link", "message")
}

func (linkedin) learns(name string) bool { return base(name) == "profile.csv" }

var linkedinFiles = []string{"shares.csv", "comments.csv", "messages.csv"}

func (l linkedin) reads(name string) bool {
	return slices.Contains(linkedinFiles, base(name)) || l.s.known[name]
}

func (l linkedin) learn(f file) error {
	return l.s.csv(f, func(r row, _ int) error {
		if name := tidy(r["first name"] + " " + r["last name"]); name != "" && l.s.me.RemoteID == "" {
			l.account(name)
		}
		return nil
	})
}

func (l linkedin) account(name string) {
	l.s.me.RemoteID, l.s.me.Handle, l.s.me.Name = "name:"+strings.ToLower(name), name, name
}

// csv goes over the rows of a table by its own column names, in small letters.
func (s *scan) csv(f file, got func(r row, line int) error) error {
	stop := &piece{r: f.r, most: s.Limits.Piece, place: f.place}
	r := newCSV(asUTF8(bufio.NewReaderSize(stop, 64<<10)))
	r.LazyQuotes = true
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return tableFault(f, err)
	}
	names := make([]string, len(first))
	for i, n := range first {
		names[i] = strings.ToLower(tidy(n))
	}
	for {
		stop.rest()
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return tableFault(f, err)
		}
		line, _ := r.FieldPos(0)
		x := row{}
		for i, v := range rec[:min(len(rec), len(names))] {
			x[names[i]] = v
		}
		if err := got(x, line); err != nil {
			return err
		}
	}
}

func (l linkedin) read(f file) error {
	seen := map[string]int{} // the same words in the same second are told apart by how often they came
	return l.s.csv(f, func(r row, line int) error {
		switch {
		case r["conversation id"] != "" || base(f.name) == "messages.csv":
			return l.message(r, f, line, seen)
		case r["sharelink"] != "" || base(f.name) == "shares.csv":
			return l.share(r, f, line)
		}
		return l.comment(r, f, line, seen)
	})
}

// urn is the name of something on LinkedIn, taken from its address; "" when there is none.
var linkedinURN = regexp.MustCompile(`urn:li:[a-zA-Z]+:[0-9]+`)

func urnOf(link string) string {
	if s, err := url.QueryUnescape(link); err == nil {
		link = s
	}
	return linkedinURN.FindString(link)
}

// joined puts right how LinkedIn writes several lines: each of them in quotes of its own.
func joined(s string) string {
	s = strings.NewReplacer("\r\n", "\n").Replace(s)
	return strings.TrimSpace(strings.ReplaceAll(s, "\"\n\"", "\n"))
}

func (l linkedin) share(r row, f file, line int) error {
	id := urnOf(r["sharelink"])
	if id == "" {
		id = "li:" + mark(r["date"], r["sharecommentary"])
	}
	words := joined(r["sharecommentary"])
	if words == "" && r["sharedurl"] != "" {
		return l.s.skip(UnreadShare, "", f, line)
	}
	if r["sharedurl"] != "" && !strings.Contains(words, r["sharedurl"]) {
		words += "\n" + r["sharedurl"]
	}
	it := network.Item{RemoteID: id, RootID: id, Kind: network.KindPost, Mine: true, Text: words, URL: r["sharelink"], At: l.moment(r["date"])}
	if r["mediaurl"] != "" {
		it.Media = []network.Media{{Kind: network.Other, URL: r["mediaurl"]}}
	}
	if v := strings.ToUpper(r["visibility"]); strings.Contains(v, "CONNECTIONS") {
		it.Visibility = network.Followers
	}
	return l.s.put(it, f, line)
}

func (l linkedin) comment(r row, f file, line int, seen map[string]int) error {
	sign := mark(r["date"], r["link"], r["message"])
	seen[sign]++
	return l.s.put(network.Item{
		RemoteID: "li:" + mark(sign, strconv.Itoa(seen[sign])), ParentID: urnOf(r["link"]), Kind: network.KindReply, Mine: true,
		Text: joined(r["message"]), URL: r["link"], At: l.moment(r["date"]),
	}, f, line)
}

func (l linkedin) message(r row, f file, line int, seen map[string]int) error {
	who := tidy(r["from"])
	switch {
	case strings.EqualFold(r["folder"], "SPAM"):
		return l.s.skip(UnreadNotice, "SPAM", f, line)
	case who == "":
		return l.s.skip(UnreadShape, "from", f, line)
	}
	l.s.tally.name(who)
	words := r["content"]
	if strings.Contains(words, "</") {
		words = text.PlainFromHTML(words)
	}
	if subject := strings.TrimSpace(r["subject"]); subject != "" {
		words = subject + "\n" + words
	}
	sign := mark(r["conversation id"], r["date"], who, words)
	seen[sign]++
	author := network.Author{RemoteID: "name:" + strings.ToLower(who), Handle: who, Name: who}
	if u := strings.TrimSpace(r["sender profile url"]); strings.HasPrefix(u, "https://") {
		author.RemoteID, author.URL = u, u
	}
	return l.s.put(network.Item{
		RemoteID: "lim:" + mark(sign, strconv.Itoa(seen[sign])), ThreadKey: r["conversation id"], Kind: network.KindMessage, Visibility: network.Direct,
		Mine: l.s.me.Name != "" && strings.EqualFold(who, l.s.me.Name) || l.s.isMe(who), Text: words, At: l.moment(r["date"]), Author: author,
	}, f, line)
}

// moment reads the times of LinkedIn, which are those of UTC.
func (l linkedin) moment(s string) time.Time {
	s = strings.TrimSuffix(strings.TrimSpace(s), " UTC")
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "1/2/06, 3:04 PM", "2006/01/02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
