package archive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/network"
)

// form is a format that is read.
type form struct {
	format  Format
	network network.Name
	server  string // where the account lives, when that is the same for all
	claims  func(name string, head []byte) bool
	open    func(s *scan) reader
	claimed map[string]bool // the entries that it was known by
}

// forms are the formats. Of a file that several claim the first takes it.
func forms(o Options) []form {
	return []form{
		{format: Mastodon, network: "mastodon", server: "", claims: claimsMastodon, open: newMastodon},
		{format: Bluesky, network: "bluesky", server: "https://bsky.social", claims: claimsBluesky, open: newBluesky},
		{format: X, network: "x", server: "https://x.com", claims: claimsX, open: newX},
		{format: LinkedIn, network: "linkedin", server: "https://www.linkedin.com", claims: claimsLinkedIn, open: newLinkedIn},
		{format: YouTube, network: "youtube", server: "https://www.youtube.com", claims: claimsYouTube, open: newYouTube},
		{format: WordPress, network: "site", server: "", claims: claimsWordPress, open: newWordPress},
		{format: Disqus, network: "disqus", server: "", claims: claimsDisqus, open: newDisqus},
		{format: Site, network: "site", server: "", claims: claimsFeed, open: newSite},
		{format: Mbox, network: "email", server: "https://email.invalid", claims: claimsMbox, open: newMbox},
		{format: Telegram, network: "telegram", server: "https://telegram.org", claims: claimsTelegram, open: newTelegram},
		{format: Google, network: "google", server: "https://business.google.com", claims: claimsGoogle, open: newGoogle},
		{format: Instagram, network: "instagram", server: "https://www.instagram.com", claims: claimsInstagram, open: newInstagram},
		{format: Facebook, network: "facebook", server: "https://www.facebook.com", claims: claimsFacebook, open: newFacebook},
		{format: WhatsApp, network: "whatsapp", server: "https://www.whatsapp.com", claims: claimsWhatsApp, open: newWhatsApp},
		{format: Lines, network: "file", server: "https://file.invalid", claims: claimsLines, open: newLines},
		{format: Table, network: "file", server: "https://file.invalid", claims: o.claimsTable, open: newTable},
	}
}

// headSize is how much of each file is looked at to know what it is.
const headSize = 8 << 10

// recognise says what an export is by what is inside.
func recognise(ctx context.Context, src *source, o Options) (form, error) {
	all := forms(o)
	found := map[Format]bool{}
	claimed := map[Format]map[string]bool{}
	messages, pages, foreign := false, false, false
	err := src.each(ctx, func(name string) bool { return !strings.HasSuffix(name, linkMark) && !isMedia(name) }, false, func(f file) error {
		head := make([]byte, headSize)
		n, err := io.ReadFull(f.r, head)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return err
		}
		head = head[:n]
		pages = pages || strings.HasSuffix(f.name, ".html")
		if claimsMessages(head) { // Facebook and Instagram write them alike: the rest tells
			messages = true
		}
		foreign = foreign || looksTable(f.name, head)
		for _, x := range all {
			if x.claims(f.name, head) {
				if found[x.format] = true; claimed[x.format] == nil {
					claimed[x.format] = map[string]bool{}
				}
				claimed[x.format][f.name] = true
				break
			}
		}
		return nil
	})
	if err != nil {
		return form{}, err
	}
	if messages && !found[Instagram] {
		found[Facebook] = true
	}
	// A table or a chat beside a platform's own files is one of its own.
	for _, weak := range []Format{Table, Lines, WhatsApp, Site} {
		if len(found) > 1 {
			delete(found, weak)
		}
	}
	switch len(found) {
	case 0:
		switch {
		case foreign:
			return form{}, ErrColumns
		case pages:
			return form{}, ErrPages
		}
		return form{}, ErrUnknown
	case 1:
		x := all[slices.IndexFunc(all, func(x form) bool { return found[x.format] })]
		x.claimed = claimed[x.format]
		return x, nil
	}
	var names []string
	for _, x := range all {
		if found[x.format] {
			names = append(names, string(x.format))
		}
	}
	return form{}, ErrMixed.With("formats", strings.Join(names, ", "))
}

// isMedia tells by its name that a file is a picture, a film or a sound: those are not opened.
func isMedia(name string) bool {
	switch ending(name) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".mp4", ".mov", ".m4a", ".mp3", ".ogg", ".opus", ".oga", ".webm", ".aac", ".pdf", ".vcf":
		return true
	}
	return false
}

// bare is the beginning of a JSON file without spaces and line breaks.
func bare(head []byte) []byte {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	out := make([]byte, 0, len(head))
	for _, c := range head {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			out = append(out, c)
		}
	}
	return out
}

// has tells whether a beginning holds all of the words.
func has(head []byte, words ...string) bool {
	for _, w := range words {
		if !bytes.Contains(head, []byte(w)) {
			return false
		}
	}
	return true
}

func isJSON(head []byte) bool { return len(head) > 0 && (head[0] == '{' || head[0] == '[') }
