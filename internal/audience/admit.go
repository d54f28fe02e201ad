package audience

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
)

// book is what a company has decided about forgetting, and what makes its marks unlike those of any other.
type book struct {
	salt   []byte
	months int
	begins time.Time
}

// ItemRef names something on a network as a channel sees it.
type ItemRef struct {
	Channel  network.ChannelID
	RemoteID string
}

// account is the mark of an account.
func (b book) account(n network.Name, key string) string { return b.hash("account", string(n), key) }

// item is the mark of an item.
func (b book) item(x ItemRef) string { return b.hash("item", string(x.Channel), x.RemoteID) }

// name is the mark of a handle or an address as a text says it.
func (b book) name(s string) string { return b.hash("name", strings.ToLower(s)) }

// namesOf are the marks of what an account is called in texts.
func (b book) namesOf(i Identity) []string {
	var out []string
	for _, s := range []string{i.Handle, i.URL} {
		if s != "" {
			out = append(out, b.name(s))
		}
	}
	return out
}

func (b book) hash(parts ...string) string {
	m := hmac.New(sha256.New, b.salt)
	for _, p := range parts {
		fmt.Fprintf(m, "%d:%s", len(p), p)
	}
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// Admit takes out of what a channel brought what belongs to people who were erased: what they wrote or did, what we wrote to
// them elsewhere, and their names in what others wrote. It is the gate of the room network.
func (a *Audience) Admit(ctx context.Context, tx *store.Tx, ch network.Channel, items []network.Item) ([]network.Item, error) {
	b, any, err := a.marks(ctx, tx, ch.Company)
	if err == nil && any {
		items, err = a.admit(ctx, tx, ch, b, items)
	}
	if err != nil {
		return nil, fmt.Errorf("audience.Admit: %w", err)
	}
	return items, nil
}

func (a *Audience) admit(ctx context.Context, tx *store.Tx, ch network.Channel, b book, items []network.Item) ([]network.Item, error) {
	author := func(x network.Author) string { return b.account(ch.Network, identityKey(ch.Network, x)) }
	item := func(remoteID string) string { return b.item(ItemRef{ch.ID, remoteID}) }
	owner := func(remoteID string) string { return b.account(ch.Network, network.AccountIn(remoteID)) }
	ask := map[string]bool{}
	for _, it := range items {
		for _, id := range []string{it.RemoteID, it.ParentID, it.RootID} {
			if id != "" {
				ask[item(id)] = true
				ask[owner(id)] = true
			}
		}
		ask[author(it.Author)] = true
		for _, m := range it.Mentions {
			ask[author(m)] = true
		}
		for _, s := range textsOf(&it) {
			for _, name := range handlesIn(*s) {
				ask[b.name(name)] = true
			}
		}
	}
	found, err := a.marked(ctx, tx, ch.Company, sortedKeys(ask))
	if err != nil || len(found) == 0 {
		return items, err
	}
	refused := map[ErasureID][]string{} // with the marks of what was refused, so that nothing hangs on it later
	for _, it := range items {
		if e := found[author(it.Author)]; e != "" && !it.Mine {
			mark := item(it.RemoteID)
			refused[e] = append(refused[e], mark)
			found[mark] = e
		}
	}
	theirs := func(remoteID string) bool {
		return remoteID != "" && (found[item(remoteID)] != "" || found[owner(remoteID)] != "")
	}
	out := make([]network.Item, 0, len(items))
	for _, it := range items {
		// Theirs is not taken in, nor is ours when it was erased with them or answers them.
		if theirs(it.RemoteID) || it.Mine && theirs(it.ParentID) {
			continue
		}
		if theirs(it.ParentID) {
			it.ParentID = ""
		}
		if theirs(it.RootID) {
			it.RootID = ""
		}
		var named []Identity
		it.Mentions = slices.DeleteFunc(slices.Clone(it.Mentions), func(m network.Author) bool {
			if found[author(m)] == "" {
				return false
			}
			named = append(named, Identity{Network: ch.Network, RemoteID: m.RemoteID, Handle: m.Handle, URL: m.URL})
			return true
		})
		it.Media = slices.Clone(it.Media)
		texts := textsOf(&it)
		for _, s := range texts {
			for _, name := range handlesIn(*s) {
				if found[b.name(name)] == "" {
					continue
				}
				if strings.Contains(name, "://") {
					named = append(named, Identity{URL: name})
				} else {
					named = append(named, Identity{Handle: name})
				}
			}
		}
		if len(named) > 0 {
			w := wordsOf(named, nil)
			for _, s := range texts {
				*s, _ = w.mask(*s, true)
			}
		}
		out = append(out, it)
	}
	for e, marks := range refused {
		if err := a.addMarks(ctx, tx, ch.Company, e, marks); err != nil {
			return nil, err
		}
		if err := a.noteRefused(ctx, tx, ch.Company, e, a.clock.Now()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// textsOf are the texts of an item in which people may be named.
func textsOf(it *network.Item) []*string {
	out := []*string{&it.Text, &it.HTML, &it.Warning}
	for i := range it.Media {
		out = append(out, &it.Media[i].Alt)
	}
	return out
}

var saidHandle = regexp.MustCompile(`@[\pL\pN_][\pL\pN_.-]*(?:@[\pL\pN_][\pL\pN_.-]*)?`)

// mostNames bounds how many names of one text are looked at.
const mostNames = 50

// handlesIn gives what a text may call accounts: handles behind an @, and addresses with every shorter address above them.
func handlesIn(s string) []string {
	if !strings.ContainsRune(s, '@') && !strings.Contains(s, "://") {
		return nil
	}
	var out []string
	for _, h := range saidHandle.FindAllString(s, mostNames) {
		out = append(out, strings.TrimRight(h[1:], ".-"))
	}
	for _, address := range webAddress.FindAllString(s, mostNames) {
		address = strings.TrimRight(address, ".,;:!?)")
		host := strings.Index(address, "://") + len("://")
		for at := len(address); at > host; at = strings.LastIndexByte(address[:at], '/') {
			out = append(out, address[:at])
			if last := address[strings.LastIndexByte(address[:at], '/')+1 : at]; strings.ContainsRune(last, '.') {
				out = append(out, last) // bsky.app/profile/ada.one.example
			}
		}
	}
	return out
}

func sortedKeys[K ~string](m map[K]bool) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
