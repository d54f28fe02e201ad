package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// mbox reads a mailbox as Takeout and mail programs write it (RFC 4155): messages one after another, each behind a line that begins with "From ".
type mbox struct {
	s  *scan
	to map[string]int // addresses that messages were delivered to
}

func newMbox(s *scan) reader { return &mbox{s: s, to: map[string]int{}} }

var mboxLine = regexp.MustCompile(`^From \S+.*\d{2}:\d{2}(:\d{2})?.*\d{4}`)

func claimsMbox(_ string, head []byte) bool {
	line, rest, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	return mboxLine.Match(line) && bytes.Contains(rest[:min(len(rest), 4000)], []byte(":"))
}

func (m *mbox) learns(name string) bool { return m.reads(name) }
func (m *mbox) reads(name string) bool {
	return m.s.known[name] || strings.HasSuffix(strings.ToLower(name), ".mbox")
}

// How much of a message is kept: words come first, what follows are files.
const (
	mboxKeep = 1 << 20
	mboxHead = 256 << 10
)

// letter is one message as it stands in the file, up to what is kept.
type letter struct {
	raw  bytes.Buffer
	line int
	long bool
}

// each goes over the messages, of which at most keep bytes are held.
func (m *mbox) each(f file, keep int, got func(l *letter) error) error {
	stop := &piece{r: f.r, most: m.s.Limits.Piece, place: f.place}
	in := bufio.NewReaderSize(stop, 64<<10)
	var l *letter
	blank := true
	for n := 1; ; n++ {
		stop.rest() // a message may bring large files; a line may not
		line, err := in.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) { // a line longer than any mail program writes
			if l != nil {
				l.add(line, keep)
			}
			line, err = in.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) > 0 {
			if n == 1 {
				line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
			}
			switch {
			case blank && mboxLine.Match(bytes.TrimRight(line, "\r\n")):
				if l != nil {
					if err := got(l); err != nil {
						return err
					}
				}
				l = &letter{line: n}
			case l == nil:
				if len(bytes.TrimSpace(line)) > 0 {
					m.s.tally.skip(UnreadShape, "", f.place, n)
				}
			default:
				l.add(unquoted(line), keep)
			}
			blank = len(bytes.TrimRight(line, "\r\n")) == 0
		}
		if err != nil {
			if l == nil {
				return nil
			}
			return got(l)
		}
	}
}

func (l *letter) add(line []byte, keep int) {
	if l.raw.Len()+len(line) > keep {
		l.long = true
		return
	}
	l.raw.Write(line)
}

// unquoted takes away what keeps a line of words from looking like the beginning of a message.
func unquoted(line []byte) []byte {
	if rest := bytes.TrimLeft(line, ">"); len(rest) < len(line) && bytes.HasPrefix(rest, []byte("From ")) {
		return line[1:]
	}
	return line
}

// learn finds to whom the mailbox belongs: to the address to which most of it was delivered.
func (m *mbox) learn(f file) error {
	err := m.each(f, mboxHead, func(l *letter) error {
		msg, err := mail.ReadMessage(&l.raw)
		if err != nil {
			return nil // it is counted when it is read
		}
		for _, h := range []string{"Delivered-To", "X-Original-To", "Envelope-To"} {
			if a := addressOf(msg.Header.Get(h)); a.Address != "" && (len(m.to) < 1000 || m.to[a.Address] > 0) {
				m.to[a.Address]++
				break
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	all := slices.SortedFunc(maps.Keys(m.to), func(a, b string) int { return cmp.Or(m.to[b]-m.to[a], cmp.Compare(a, b)) })
	best := ""
	for i, a := range all {
		if i == 0 {
			best = a
		}
		m.s.tally.name(a)
	}
	if me := addressOf(m.s.Me); me.Address != "" {
		best = me.Address
	}
	if best != "" {
		m.s.me.RemoteID, m.s.me.Handle, m.s.me.Name = "mail:"+best, best, best
	}
	return nil
}

// addressOf reads one address, in small letters; nothing when it is none.
func addressOf(s string) mail.Address {
	p := mail.AddressParser{WordDecoder: decoder()}
	a, err := p.Parse(strings.TrimSpace(s))
	if err != nil {
		if s = strings.Trim(strings.TrimSpace(s), "<>"); strings.Contains(s, "@") && !strings.ContainsAny(s, " \t\",") {
			return mail.Address{Address: strings.ToLower(s)}
		}
		return mail.Address{}
	}
	return mail.Address{Name: tidy(a.Name), Address: strings.ToLower(a.Address)}
}

// decoder decodes what headers hold beside ASCII (RFC 2047).
func decoder() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) { return text.Decode(r, label), nil }}
}

func header(h mail.Header, name string) string {
	v := h.Get(name)
	if s, err := decoder().DecodeHeader(v); err == nil {
		v = s
	}
	return strings.Join(strings.Fields(v), " ")
}

func (m *mbox) read(f file) error {
	return m.each(f, mboxKeep, func(l *letter) error {
		raw := l.raw.Bytes()
		msg, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			return m.s.skip(UnreadShape, "", f, l.line)
		}
		return m.letter(msg, raw, f, l)
	})
}

// automatic tells what nobody wrote to anybody: newsletters, notices, spam.
func automatic(h mail.Header) string {
	labels := strings.ToLower(header(h, "X-Gmail-Labels"))
	switch auto := strings.ToLower(h.Get("Auto-Submitted")); {
	case strings.Contains(labels, "spam"), strings.HasPrefix(strings.ToLower(h.Get("X-Spam-Flag")), "yes"):
		return "spam"
	case h.Get("List-Id") != "", h.Get("List-Unsubscribe") != "", strings.EqualFold(h.Get("Precedence"), "bulk"), strings.EqualFold(h.Get("Precedence"), "list"):
		return "newsletter"
	case auto != "" && auto != "no", h.Get("X-Auto-Response-Suppress") != "" && strings.Contains(strings.ToLower(h.Get("From")), "noreply"):
		return "automatic"
	}
	return ""
}

var messageID = regexp.MustCompile(`<[^<>\s]+>`)

func (m *mbox) letter(msg *mail.Message, raw []byte, f file, l *letter) error {
	h := msg.Header
	if kind := automatic(h); kind != "" {
		return m.s.skip(UnreadNotice, kind, f, l.line)
	}
	from := addressOf(h.Get("From"))
	if from.Address == "" {
		return m.s.skip(UnreadShape, "From", f, l.line)
	}
	at, err := h.Date()
	if err != nil {
		return m.s.skip(UnreadTime, "", f, l.line)
	}
	body, files := plainOf(h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), msg.Body, 0)
	for range files {
		m.s.tally.skip(UnreadMedia, "", f.place, l.line)
	}
	body = withoutQuote(body)
	subject := header(h, "Subject")
	if subject != "" && !strings.HasPrefix(strings.ToLower(subject), "re:") {
		body = strings.TrimSpace(subject + "\n\n" + body)
	}
	it := network.Item{
		RemoteID: messageID.FindString(h.Get("Message-Id")), Kind: network.KindMessage, Visibility: network.Direct, Text: body, At: at,
		Author: network.Author{RemoteID: "mail:" + from.Address, Handle: from.Address, Name: from.Name},
		Mine:   "mail:"+from.Address == m.s.me.RemoteID || m.s.isMe(from.Address, from.Name),
	}
	if it.Author.Name == "" {
		it.Author.Name = from.Address
	}
	if it.RemoteID == "" {
		it.RemoteID = "mbox:" + mark(string(raw[:min(len(raw), 64<<10)]))
	}
	it.ParentID = messageID.FindString(h.Get("In-Reply-To"))
	it.ThreadKey = messageID.FindString(h.Get("References"))
	if it.ThreadKey == "" {
		it.ThreadKey = it.ParentID
	}
	if it.ThreadKey == "" {
		it.ThreadKey = it.RemoteID
	}
	return m.s.put(it, f, l.line)
}

// plainOf gives the words of a message or of a part of it, and how many files are beside them.
func plainOf(kind, encoding string, body io.Reader, depth int) (words string, files int) {
	media, args, err := mime.ParseMediaType(kind)
	if err != nil || kind == "" {
		media = "text/plain"
	}
	if strings.HasPrefix(media, "multipart/") && args["boundary"] != "" && depth < 8 {
		r := multipart.NewReader(body, args["boundary"])
		html := ""
		for {
			p, err := r.NextRawPart()
			if err != nil { // the end, or where it was cut off
				break
			}
			if name := p.FileName(); name != "" || strings.HasPrefix(strings.ToLower(p.Header.Get("Content-Disposition")), "attachment") {
				files++
				continue
			}
			part, more := plainOf(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, depth+1)
			files += more
			if strings.HasPrefix(strings.ToLower(p.Header.Get("Content-Type")), "text/html") {
				html = part
			} else if part != "" && (words == "" || media != "multipart/alternative") {
				words = strings.TrimSpace(words + "\n" + part)
			}
		}
		if words == "" {
			words = html
		}
		return words, files
	}
	if !strings.HasPrefix(media, "text/") {
		return "", 1
	}
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	if label := args["charset"]; label != "" {
		body = text.Decode(body, label)
	}
	b, _ := io.ReadAll(io.LimitReader(body, mboxKeep)) // what was cut off ends where it ends
	s := strings.ToValidUTF8(strings.ReplaceAll(string(b), "\r\n", "\n"), "\uFFFD")
	if media == "text/html" {
		s = text.PlainFromHTML(s)
	}
	return strings.TrimSpace(s), 0
}

// withoutQuote leaves out what an answer repeats at its end: lines behind ">" and the line that announces them.
func withoutQuote(s string) string {
	lines := strings.Split(s, "\n")
	end := len(lines)
	for end > 0 && (strings.HasPrefix(strings.TrimSpace(lines[end-1]), ">") || strings.TrimSpace(lines[end-1]) == "") {
		end--
	}
	if end == 0 || end == len(lines) || !strings.Contains(strings.Join(lines[end:], "\n"), ">") {
		return s
	}
	if strings.HasSuffix(strings.TrimSpace(lines[end-1]), ":") {
		end--
	}
	if rest := strings.TrimSpace(strings.Join(lines[:end], "\n")); rest != "" {
		return rest
	}
	return s
}
