DROP TABLE bodies;
DROP TABLE tags;
DROP TABLE compositions;
