package reach

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// marker makes the marks of a company, which are unlike those of any other.
type marker []byte

// account is the mark of an account: who knows only the mark does not know the account.
func (m marker) account(n network.Name, key string) string {
	return base64.RawURLEncoding.EncodeToString(m.sum("account", string(n), key))
}

// share gives a number from 0 to 1 that is always the same for the same words.
func (m marker) share(parts ...string) float64 {
	return float64(binary.BigEndian.Uint64(m.sum(parts...))>>11) / (1 << 53)
}

func (m marker) sum(parts ...string) []byte {
	h := hmac.New(sha256.New, m)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return h.Sum(nil)
}

const (
	mostWords  = 12 // of one text
	leastWord  = 4  // letters
	longestTag = 40
)

// wordsOf gives the words of a text that carry meaning: its tags, then its longest words, folded. Names of accounts and addresses
// are none.
func wordsOf(s string) []string {
	var tags, words []string
	for _, f := range strings.Fields(s) {
		switch {
		case strings.HasPrefix(f, "@"), strings.Contains(f, "://"), strings.Contains(f, "@"):
			continue
		case strings.HasPrefix(f, "#"):
			if t := strings.Join(text.Words(f), ""); t != "" && len(t) <= longestTag && !slices.Contains(tags, "#"+t) {
				tags = append(tags, "#"+t)
			}
			continue
		}
		for _, w := range text.Words(f) {
			if n := len([]rune(w)); n >= leastWord && n <= longestTag && !common[w] && strings.IndexFunc(w, func(r rune) bool { return r >= '0' && r <= '9' }) < 0 &&
				!slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	out := append(tags, words...)
	return out[:min(len(out), mostWords)]
}

// common are folded words that tell nothing about what a text is about.
var common = func() map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(`
		alla alle allo agli anche ancora avere abbiamo avete aveva avevo bella bello belle belli bene buon buona buono buongiorno cara caro care cari casa
		ciao come cosa cose così dalla dalle dagli dallo davvero degli della delle dello dentro devo deve dopo dove dovete ecco erano essere fare fatta fatto forse
		fino fuori giorno giorni giusto gran grande grandi grazie hanno invece loro mancava magari meglio mentre mica mille molta molto molte molti nella nelle negli nello niente
		nostra nostro nostre nostri ogni oggi domani ieri oppure parte perche però pero piace piu poco pochi poi posso possono potete prima primo proprio puoi
		qualche quando quanta quanto quale quali quella quelle quelli quello questa queste questi questo quindi quasi salve sara saranno sarebbe sempre senza
		siamo siete sono sotto sopra stata stato stati state stesso subito sulla sulle sugli sullo tanta tanto tante tanti troppo tutta tutto tutte tutti
		vero verso vorrei voglio volta volte vostra vostro vostre vostri vostri dalle avrei avrebbe sapete sapere vedere visto vista fate farlo darvi dirvi
		about after again also been before being beautiful both came come could dear does done down each even ever every from give good great have hello here hers
		into just know like little look made make many maybe more most much need nice only other over really same says should some such take than thank thanks that
		their them then there these they thing think this those time today tomorrow until very want wants well went were what when where which while will with
		would yesterday your yours`) {
		set[text.Fold(w)] = true
	}
	return set
}()
