package archive

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// whatsapp reads the text that "Export chat" writes: from Android "27/11/26, 09:15 - Anna: …", from an iPhone
// "[27/11/26, 09:15:32] Anna: …", with the day or the month first and twelve or twenty-four hours, as the telephone has it.
type whatsapp struct {
	s     *scan
	chats map[string]*chat // by the name of the entry
}

type chat struct {
	monthFirst, dayFirst bool
	meridiem             bool
	others               map[string]bool // who writes, up to three
}

func newWhatsApp(s *scan) reader { return &whatsapp{s: s, chats: map[string]*chat{}} }

var whatsappLine = regexp.MustCompile(`^\[?(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{2,4}),? (\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?: ?([AaPp])\.? ?[Mm]\.?)?(?:\]| -) (.*)$`)

func claimsWhatsApp(name string, head []byte) bool {
	if !strings.HasSuffix(strings.ToLower(name), ".txt") {
		return false
	}
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	return whatsappLine.MatchString(tidy(string(line)))
}

func (w *whatsapp) learns(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".txt") }
func (w *whatsapp) reads(name string) bool  { return w.learns(name) }

// entry is one message or notice, with the lines that belong to it.
type entry struct {
	parts []string // of whatsappLine
	text  strings.Builder
	line  int
}

// each gives the entries of a chat; got is also told of lines before the first.
func (w *whatsapp) each(f file, got func(e *entry) error) error {
	stop := &piece{r: f.r, most: w.s.Limits.Piece, place: f.place}
	in := bufio.NewReaderSize(stop, 64<<10)
	var e *entry
	for n := 1; ; n++ {
		raw, err := readLine(in)
		if errors.Is(err, io.EOF) {
			if e == nil {
				return nil
			}
			return got(e)
		}
		if err != nil {
			return err
		}
		if n == 1 {
			raw = strings.TrimPrefix(raw, "\ufeff")
		}
		if p := whatsappLine.FindStringSubmatch(tidyLine(raw)); p != nil {
			if e != nil {
				if err := got(e); err != nil {
					return err
				}
			}
			stop.rest()
			e = &entry{parts: p, line: n}
			e.text.WriteString(p[8])
			continue
		}
		if e == nil {
			w.s.tally.skip(UnreadShape, "", f.place, n)
			continue
		}
		e.text.WriteByte('\n')
		e.text.WriteString(raw)
	}
}

// readLine reads a line of any length that the piece allows, without its end.
func readLine(in *bufio.Reader) (string, error) {
	s, err := in.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || s == "") {
		return "", err
	}
	return strings.TrimRight(s, "\r\n"), nil
}

// tidyLine takes the signs that nobody sees out of the beginning of a line, and keeps those in its words.
func tidyLine(s string) string {
	head := s
	if len(head) > 80 {
		head = strings.ToValidUTF8(head[:80], "")
	}
	if clean := tidy(head); clean != head {
		return clean + s[len(head):]
	}
	return s
}

func (w *whatsapp) learn(f file) error {
	c := &chat{others: map[string]bool{}}
	w.chats[f.name] = c
	return w.each(f, func(e *entry) error {
		a, _ := strconv.Atoi(e.parts[1])
		b, _ := strconv.Atoi(e.parts[2])
		c.dayFirst, c.monthFirst = c.dayFirst || a > 12 && a < 32, c.monthFirst || b > 12
		c.meridiem = c.meridiem || e.parts[7] != ""
		who, _, ok := strings.Cut(e.text.String(), ": ")
		if who = tidy(who); !ok || !named(who) {
			return nil
		}
		w.s.tally.name(who)
		if w.s.isMe(who) {
			w.s.me.RemoteID, w.s.me.Handle, w.s.me.Name = "name:"+strings.ToLower(who), who, who
		} else if len(c.others) < 3 {
			c.others[who] = true
		}
		return nil
	})
}

// named tells a writer from the beginning of a notice that holds a colon.
func named(who string) bool { return who != "" && len(who) < 120 && !strings.Contains(who, "\n") }

// moment reads when something was written.
func (w *whatsapp) moment(c *chat, p []string) time.Time {
	n := func(i int) int { v, _ := strconv.Atoi(p[i]); return v }
	day, month, year := n(1), n(2), n(3)
	switch {
	case len(p[1]) == 4: // year first
		year, month, day = n(1), n(2), n(3)
	case c.monthFirst && !c.dayFirst, c.meridiem && !c.dayFirst:
		day, month = month, day
	}
	if year < 100 {
		year += 2000
	}
	hour := n(4)
	if p[7] != "" {
		hour %= 12
		if p[7] == "p" || p[7] == "P" {
			hour += 12
		}
	}
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || n(5) > 59 || n(6) > 59 {
		return time.Time{}
	}
	return time.Date(year, time.Month(month), day, hour, n(5), n(6), 0, w.s.Zone)
}

// title names a chat by the file that "Export chat" makes, whose name is the other person's or the group's.
func (w *whatsapp) title(f file, c *chat) string {
	name := strings.TrimSuffix(path.Base(f.name), path.Ext(f.name))
	for _, prefix := range []string{"WhatsApp Chat with ", "Chat WhatsApp con ", "WhatsApp Chat - ", "Chat WhatsApp - "} {
		if rest, ok := strings.CutPrefix(tidy(name), prefix); ok {
			return strings.ToLower(rest)
		}
	}
	if len(c.others) == 1 {
		for who := range c.others {
			return strings.ToLower(who)
		}
	}
	return strings.ToLower(tidy(name))
}

// left are the words that stand where a file was left out of the export.
var whatsappLeft = regexp.MustCompile(`(?i)^(<(media omitted|media omessi|allegato:[^>]*|attached:[^>]*)>|(image|video|audio|sticker|gif|document|immagine|documento)( video)? (omitted|omess[oa])|\S+\.\w{2,5} \((file attached|file allegato)\))$`)

func (w *whatsapp) read(f file) error {
	c := w.chats[f.name]
	if c == nil {
		c = &chat{}
	}
	thread := w.title(f, c)
	var last time.Time
	times := map[string]int{} // the same words in the same minute are told apart by how often they came
	return w.each(f, func(e *entry) error {
		at := w.moment(c, e.parts)
		if at.IsZero() {
			w.s.tally.skip(UnreadTime, "", f.place, e.line)
			return nil
		}
		who, words, ok := strings.Cut(e.text.String(), ": ")
		if who = tidy(who); !ok || !named(who) {
			w.s.tally.skip(UnreadNotice, "", f.place, e.line)
			return nil
		}
		words = strings.TrimSpace(strings.Trim(words, "\u200e\u200f"))
		if whatsappLeft.MatchString(tidy(words)) {
			w.s.tally.skip(UnreadMedia, "", f.place, e.line)
			return nil
		}
		if !at.Equal(last) {
			clear(times)
			last = at
		}
		sign := mark(who, words)
		times[sign]++
		return w.s.put(network.Item{
			RemoteID: "wa:" + mark(thread, at.Format("2006-01-02 15:04:05"), sign, strconv.Itoa(times[sign])), ThreadKey: thread,
			Kind: network.KindMessage, Mine: "name:"+strings.ToLower(who) == w.s.me.RemoteID, Visibility: network.Direct, Text: words, At: at,
			Author: network.Author{RemoteID: "name:" + strings.ToLower(who), Handle: who, Name: who},
		}, f, e.line)
	})
}
