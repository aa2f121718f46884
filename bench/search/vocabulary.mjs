// Codes and names that the population is made of, the commonest first.

export const family = (
  'Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson ' +
  'Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young ' +
  'Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter ' +
  'Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers ' +
  'Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez ' +
  'Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez'
).split(' ');

export const given = {
  female: (
    'Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley ' +
    'Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Amy Kathleen Angela'
  ).split(' '),
  male: (
    'James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark Donald ' +
    'Steven Andrew Paul Joshua Kenneth Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob Gary'
  ).split(' '),
};

export const cities = (
  'Boston Worcester Springfield Cambridge Lowell Brockton Quincy Lynn Newton Lawrence Somerville Framingham Haverhill ' +
  'Waltham Malden Brookline Plymouth Medford Taunton Chicopee Weymouth Revere Peabody Methuen Barnstable Pittsfield'
).split(' ');

const observation = (code, display, unit, low, high, category = 'laboratory') => ({
  code,
  display,
  unit,
  low,
  high,
  category,
});

/** LOINC. */
export const observations = [
  observation('8867-4', 'Heart rate', '/min', 50, 110, 'vital-signs'),
  observation('9279-1', 'Respiratory rate', '/min', 10, 22, 'vital-signs'),
  observation('85354-9', 'Blood pressure panel', 'mm[Hg]', 60, 180, 'vital-signs'),
  observation('29463-7', 'Body Weight', 'kg', 40, 130, 'vital-signs'),
  observation('8302-2', 'Body Height', 'cm', 140, 200, 'vital-signs'),
  observation('39156-5', 'Body Mass Index', 'kg/m2', 17, 42, 'vital-signs'),
  observation('8310-5', 'Body temperature', 'Cel', 36, 40, 'vital-signs'),
  observation('2708-6', 'Oxygen saturation in Arterial blood', '%', 88, 100, 'vital-signs'),
  observation('2339-0', 'Glucose', 'mg/dL', 60, 240),
  observation('6299-2', 'Urea Nitrogen', 'mg/dL', 7, 25),
  observation('38483-4', 'Creatinine', 'mg/dL', 0.5, 4),
  observation('49765-1', 'Calcium', 'mg/dL', 8, 11),
  observation('2947-0', 'Sodium', 'mmol/L', 132, 146),
  observation('6298-4', 'Potassium', 'mmol/L', 3, 6),
  observation('2069-3', 'Chloride', 'mmol/L', 96, 110),
  observation('20565-8', 'Carbon Dioxide', 'mmol/L', 18, 30),
  observation('4548-4', 'Hemoglobin A1c', '%', 4, 11),
  observation('2093-3', 'Total Cholesterol', 'mg/dL', 120, 320),
  observation('2571-8', 'Triglycerides', 'mg/dL', 60, 400),
  observation('18262-6', 'Low Density Lipoprotein Cholesterol', 'mg/dL', 50, 220),
  observation('2085-9', 'High Density Lipoprotein Cholesterol', 'mg/dL', 25, 90),
  observation('6690-2', 'Leukocytes', '10*3/uL', 3, 14),
  observation('789-8', 'Erythrocytes', '10*6/uL', 3.5, 6),
  observation('718-7', 'Hemoglobin', 'g/dL', 9, 18),
  observation('4544-3', 'Hematocrit', '%', 30, 52),
  observation('787-2', 'MCV', 'fL', 78, 102),
  observation('777-3', 'Platelets', '10*3/uL', 130, 460),
  observation('33914-3', 'Glomerular filtration rate', 'mL/min/{1.73_m2}', 15, 120),
  observation('14959-1', 'Microalbumin/Creatinine', 'mg/g', 1, 300),
  observation('1742-6', 'Alanine aminotransferase', 'U/L', 7, 90),
  observation('1920-8', 'Aspartate aminotransferase', 'U/L', 8, 80),
  observation('6768-6', 'Alkaline phosphatase', 'U/L', 30, 150),
  observation('1975-2', 'Total Bilirubin', 'mg/dL', 0.1, 3),
  observation('2857-1', 'Prostate specific Ag', 'ng/mL', 0.1, 12),
  observation('10834-0', 'Globulin', 'g/L', 18, 40),
  observation('3016-3', 'Thyrotropin', 'm[IU]/L', 0.3, 8),
];

/** LOINC; about one Observation in ten thousand. */
export const rareObservation = observation('33762-6', 'NT-proBNP', 'pg/mL', 20, 5000);

/** SNOMED CT. */
export const conditions = [
  ['59621000', 'Essential hypertension'],
  ['444814009', 'Viral sinusitis'],
  ['15777000', 'Prediabetes'],
  ['162864005', 'Body mass index 30+ - obesity'],
  ['271737000', 'Anemia'],
  ['195662009', 'Acute viral pharyngitis'],
  ['55822004', 'Hyperlipidemia'],
  ['10509002', 'Acute bronchitis'],
  ['44054006', 'Diabetes mellitus type 2'],
  ['53741008', 'Coronary heart disease'],
  ['72892002', 'Normal pregnancy'],
  ['230690007', 'Cerebrovascular accident'],
  ['49436004', 'Atrial fibrillation'],
  ['195967001', 'Asthma'],
  ['13645005', 'Chronic obstructive lung disease'],
  ['396275006', 'Osteoarthritis'],
  ['370143000', 'Major depression'],
  ['64859006', 'Osteoporosis'],
  ['431855005', 'Chronic kidney disease stage 1'],
  ['433144002', 'Chronic kidney disease stage 3'],
  ['88805009', 'Chronic congestive heart failure'],
  ['22298006', 'Myocardial infarction'],
  ['363406005', 'Malignant tumor of colon'],
  ['254837009', 'Malignant neoplasm of breast'],
  ['26929004', "Alzheimer's disease"],
  ['69896004', 'Rheumatoid arthritis'],
  ['84757009', 'Epilepsy'],
  ['24526004', 'Inflammatory bowel disease'],
  ['190905008', 'Cystic fibrosis'],
  ['127013003', 'Diabetic renal disease'],
];

/** RxNorm. */
export const medications = [
  ['314076', 'lisinopril 10 MG Oral Tablet'],
  ['860975', 'metformin hydrochloride 500 MG Extended Release Oral Tablet'],
  ['308136', 'amlodipine 2.5 MG Oral Tablet'],
  ['312961', 'simvastatin 20 MG Oral Tablet'],
  ['313782', 'acetaminophen 325 MG Oral Tablet'],
  ['310798', 'hydrochlorothiazide 25 MG Oral Tablet'],
  ['310965', 'ibuprofen 200 MG Oral Tablet'],
  ['259255', 'atorvastatin 80 MG Oral Tablet'],
  ['308182', 'amoxicillin 250 MG Oral Capsule'],
  ['866412', 'metoprolol succinate 100 MG Extended Release Oral Tablet'],
  ['855332', 'warfarin sodium 5 MG Oral Tablet'],
  ['1049221', 'acetaminophen 325 MG / oxycodone hydrochloride 5 MG Oral Tablet'],
  ['745679', 'albuterol 0.09 MG/ACTUAT Metered Dose Inhaler'],
  ['197361', 'amlodipine 5 MG Oral Tablet'],
  ['106892', 'insulin isophane, human 70 UNT/ML / insulin, regular, human 30 UNT/ML'],
  ['835829', 'prednisone 20 MG Oral Tablet'],
];

export const encounterClasses = ['AMB', 'AMB', 'AMB', 'AMB', 'EMER', 'IMP', 'VR'];
