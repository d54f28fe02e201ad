package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// secretPrefix marks a secret as such (Standard Webhooks, "Signature scheme"); behind it stand 32 bytes in base64.
const secretPrefix = "whsec_"

func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

// Sign gives the header webhook-signature of a message: HMAC-SHA256 over id, moment and body with points between them, in base64, once
// for each secret (Standard Webhooks, "Signature scheme").
func Sign(id string, at time.Time, body []byte, secrets ...string) (string, error) {
	var all []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, secretPrefix))
		if err != nil {
			return "", err
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " "), nil
}
