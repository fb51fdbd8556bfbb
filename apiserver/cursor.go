package apiserver

import (
	"encoding/base64"
	"encoding/json"

	"k8s.io/apimachinery/pkg/types"
)

// cursor is where a list goes on. Callers hand it back as they got it.
type cursor struct {
	// Created is the creation time of the last job shown, in Unix seconds.
	Created int64 `json:"c"`
	// ID of the last job shown.
	ID string `json:"i"`
}

// maxCursor bounds what is decoded for a caller.
const maxCursor = 512

func encodeCursor(at position) string {
	data, err := json.Marshal(cursor{Created: at.created, ID: string(at.uid)})
	if err != nil {
		// A number and a string always marshal.
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func decodeCursor(value string) (position, bool) {
	if len(value) > maxCursor {
		return position{}, false
	}
	data, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return position{}, false
	}
	var c cursor
	if json.Unmarshal(data, &c) != nil || c.ID == "" {
		return position{}, false
	}
	return position{created: c.Created, uid: types.UID(c.ID)}, true
}
